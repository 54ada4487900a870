import { TensorFlag } from "../../assembly/abi/layout.ts";
import { expectTensor } from "../core/args.ts";
import { address, HEAP } from "../core/generation.ts";
import { core } from "../core/wasm.ts";
import { heapTensor } from "../ops/creation.ts";
import { Tensor } from "../tensor.ts";

export interface ParameterOptions {
  /** Whether gradients are wanted. Default true. */
  requiresGrad?: boolean;
}

/** Given by `emptyParameter` alone: `data` is not copied but taken over. */
const TAKE_OVER: ParameterOptions = {};

/**
 * A tensor that a module registers when it is assigned to one of its properties. It is a leaf, with memory of its own: a
 * copy of `data`, where PyTorch shares it.
 * @see PyTorch torch.nn.Parameter
 * @example
 * class Scale extends nn.Module {
 *   factor = new nn.Parameter(tensor([1]));
 *   override forward(x: Tensor): Tensor {
 *     return x.mul(this.factor);
 *   }
 * }
 */
export class Parameter extends Tensor {
  /** @internal Keeps a plain Tensor from being assigned where a Parameter is expected. */
  declare protected readonly isParameter: true;

  constructor(data: Tensor, options: boolean | ParameterOptions = {}) {
    expectTensor(data, "Parameter", "data");
    const own = options === TAKE_OVER ? data : heapTensor(data.shape, data.dtype);
    if (own !== data) core.copyElements(address(data), address(own));
    super(own._p);
    this._g = HEAP;
    this._token = own._token;
    this.setFlag(TensorFlag.Parameter, true);
    const wanted = typeof options === "boolean" ? options : (options.requiresGrad ?? true);
    if (wanted) this.requiresGrad_();
  }
}

/** @internal A parameter whose elements are undefined until an initialisation has filled them. */
export function emptyParameter(...shape: number[]): Parameter {
  return new Parameter(heapTensor(shape, "float32"), TAKE_OVER);
}
