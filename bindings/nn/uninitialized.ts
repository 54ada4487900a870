/** Parameters and buffers whose shape is not known yet: what lazy modules have before they have seen an input. */
import { TensorError } from "../core/errors.ts";
import { DENO_INSPECT, INSPECT } from "../core/inspect.ts";
import { heapTensor } from "../ops/creation.ts";
import { Tensor } from "../tensor.ts";
import { emptyParameter, Parameter, type ParameterOptions } from "./parameter.ts";

/** What is there in place of a shape and elements, on the object itself. */
type Withheld = Record<string, PropertyDescriptor>;

const withheld: WeakMap<Tensor, Withheld> = /* @__PURE__ */ new WeakMap();

function withhold(t: Tensor, kind: string, requiresGrad: boolean): void {
  let wanted = requiresGrad;
  const refuse = (): never => {
    throw new TensorError(
      `Attempted to use an uninitialized parameter. This error happens when you are using a \`LazyModule\` or explicitly manipulating ` +
        `\`torch.nn.parameter.${kind}\` objects. When using LazyModules Call \`forward\` with a dummy batch to initialize the ` +
        "parameters before calling torch functions",
    );
  };
  const noShape = (): never => {
    throw new TensorError(
      "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying " +
        "to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before " +
        "accessing their attributes.",
    );
  };
  const text = (): string => `<${kind}>`;
  const same = (): Tensor => t;
  const none = (): void => undefined;
  const setWanted = (value: boolean): Tensor => {
    wanted = value;
    return t;
  };
  const properties: Withheld = {
    // Every operation asks for the address of the record.
    _p: { get: refuse },
    shape: { get: noShape },
    dtype: { value: "float32" },
    isLeaf: { value: true },
    grad: { value: null },
    requiresGrad: { get: () => wanted, set: setWanted },
    requiresGrad_: { value: (flag = true) => setWanted(flag) },
    dropGrad: { value: none },
    detach: { value: same },
    toString: { value: text },
  };
  for (const name of [INSPECT, DENO_INSPECT]) Object.defineProperty(t, name, { value: text, configurable: true });
  for (const property of Object.values(properties)) property.configurable = true;
  Object.defineProperties(t, properties);
  withheld.set(t, properties);
}

/** The object becomes what `made` is. */
function provide(t: Tensor, made: Tensor, prototype: object): void {
  const { requiresGrad } = t;
  for (const name of Object.keys(withheld.get(t) as Withheld)) Reflect.deleteProperty(t, name);
  for (const name of [INSPECT, DENO_INSPECT]) Reflect.deleteProperty(t, name);
  withheld.delete(t);
  Object.assign(t, { _p: made._p, _g: made._g, _token: made._token });
  Object.setPrototypeOf(t, prototype);
  t.requiresGrad_(requiresGrad);
}

/** @internal Whether a parameter or buffer has no shape yet. */
export function isUninitialized(t: unknown): t is UninitializedParameter | UninitializedBuffer {
  return withheld.has(t as Tensor);
}

/**
 * A parameter whose shape is not known yet. It cannot be used before `materialize` has given it one, which the first call of
 * its module does; then it is a Parameter.
 * @see PyTorch torch.nn.parameter.UninitializedParameter
 * @example
 * const weight = new nn.UninitializedParameter();
 * weight.materialize([2, 3]);
 * weight.shape; // [2, 3]
 */
export class UninitializedParameter extends Parameter {
  constructor(options: boolean | ParameterOptions = {}) {
    super(heapTensor([0], "float32"), options);
    withhold(this, "UninitializedParameter", this.requiresGrad);
  }

  /** Makes it a Parameter of this shape, whose elements are undefined. */
  materialize(shape: readonly number[]): void {
    provide(this, emptyParameter(...shape), Parameter.prototype);
  }
}

/**
 * A buffer whose shape is not known yet: see UninitializedParameter.
 * @see PyTorch torch.nn.parameter.UninitializedBuffer
 * @example String(new nn.UninitializedBuffer()) // "<UninitializedBuffer>"
 */
export class UninitializedBuffer extends Tensor {
  constructor() {
    super(heapTensor([0], "float32")._p);
    withhold(this, "UninitializedBuffer", false);
  }

  /** Makes it a tensor of this shape, whose elements are undefined. */
  materialize(shape: readonly number[]): void {
    provide(this, heapTensor(shape, "float32"), Tensor.prototype);
  }
}
