/** What a tensor is apart from its operations: a record in linear memory, read and shown. */

import { DType as Code } from "../../assembly/abi/dtype.ts";
import { StorageField, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import type { Tensor } from "../tensor.ts";
import { moveOut, whilePinned, withMemory, wrap } from "./dispatch.ts";
import { DTYPES, type DType, scalarName } from "./dtype.ts";
import { DisposedError, DTypeError, GradError, IndexError, TensorError } from "./errors.ts";
import type { Extras } from "./extras.ts";
import { formatTensor } from "./format.ts";
import { address, current, DISPOSED, type Generation, HEAP, originAway, type Placed, readable } from "./generation.ts";
import { DENO_INSPECT, INSPECT } from "./inspect.ts";
import { recorder, refuseReading } from "./recording.ts";
import { addSlot, slotValue, Token } from "./token.ts";
import { NON_LEAF_GRAD, warnOnce } from "./warn.ts";
import { core, f32, i32, u8 } from "./wasm.ts";
import { weakly } from "./weak.ts";

// Old runtimes without Symbol.dispose take the same key, so that `using` compiled down works.
if (Symbol.dispose === undefined) Object.defineProperty(Symbol, "dispose", { value: Symbol.for("Symbol.dispose") });

export abstract class TensorBase implements Placed {
  /** @internal Address of the record, valid in generation `_g`. */
  _p: number;
  /** @internal */
  _g: Generation;
  /** @internal Keeps heap memory that the record refers to. */
  _token: Token | null = null;
  /** @internal */
  _x: Extras | null = null;

  /** @internal */
  constructor(pointer: number) {
    this._p = pointer;
    this._g = current;
  }

  /** Sizes, outermost first; a fresh array. */
  get shape(): number[] {
    const at = readable(this) >>> 2;
    const view = i32();
    const ndim = (view[at + TensorField.DType / 4] >>> 8) & 0xff;
    const first = at + TensorField.Dims / 4;
    const shape = new Array<number>(ndim);
    for (let i = 0; i < ndim; i++) shape[i] = view[first + i];
    return shape;
  }

  /** "float32", "int32" or "bool". */
  get dtype(): DType {
    return DTYPES[u8()[(readable(this) + TensorField.DType) >>> 0]];
  }

  /** Number of dimensions. */
  get ndim(): number {
    return u8()[(readable(this) + TensorField.NDim) >>> 0];
  }

  /** Number of elements. */
  numel(): number {
    return i32()[(readable(this) + TensorField.Numel) >>> 2];
  }

  /** The shape, or the size of one dimension. */
  size(): number[];
  size(dim: number): number;
  size(dim?: number): number[] | number {
    const { shape } = this;
    return dim === undefined ? shape : shape[this.checkedDim(dim, shape.length)];
  }

  private checkedDim(dim: number, ndim: number): number {
    const at = dim < 0 ? dim + ndim : dim;
    if (Number.isInteger(dim) && at >= 0 && at < ndim) return at;
    const range = Math.max(ndim, 1);
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${String(dim)})`,
    );
  }

  /** The number of dimensions, as `ndim`. */
  dim(): number {
    return this.ndim;
  }

  /** Elements between neighbours along each dimension. */
  stride(): number[];
  stride(dim: number): number;
  stride(dim?: number): number[] | number {
    const at = readable(this) >>> 2;
    const view = i32();
    const ndim = (view[at + TensorField.DType / 4] >>> 8) & 0xff;
    const first = at + TensorField.Dims / 4 + ndim;
    const strides = Array.from(view.subarray(first, first + ndim));
    return dim === undefined ? strides : strides[this.checkedDim(dim, ndim)];
  }

  /** Elements from the start of the storage to the first element. */
  storageOffset(): number {
    const p = readable(this);
    const view = i32();
    const storage = view[(p + TensorField.Storage) >>> 2];
    const bytes = view[(p + TensorField.Data) >>> 2] - view[(storage + StorageField.Data) >>> 2];
    return (view[(p + TensorField.DType) >>> 2] & 0xff) === Code.Bool ? bytes : bytes >> 2;
  }

  /** Whether the elements lie in row-major order, without gaps. */
  isContiguous(): boolean {
    return this.flag(TensorFlag.Contiguous);
  }

  /** Whether the dtype is "float32". */
  isFloatingPoint(): boolean {
    return this.dtype === "float32";
  }

  /** How often the memory of this tensor has been written in place. Views and detached aliases share it. */
  get version(): number {
    const storage = i32()[(readable(this) + TensorField.Storage) >>> 2];
    return i32()[(storage + StorageField.Version) >>> 2];
  }

  /** @internal */
  flag(mask: number): boolean {
    return (i32()[(address(this) + TensorField.DType) >>> 2] & (mask << 16)) !== 0;
  }

  /** @internal */
  setFlag(mask: number, on: boolean): void {
    const at = (address(this) + TensorField.DType) >>> 2;
    if (on) i32()[at] |= mask << 16;
    else i32()[at] &= ~(mask << 16);
  }

  /** @internal Address of the record, with the history of a view brought up to date. */
  fresh(): number {
    const p = address(this);
    // A view made without grad keeps the history it had: none.
    if (!this.flag(TensorFlag.View) || this.flag(TensorFlag.NoGradView)) return p;
    if (!core.refreshView(p)) withMemory(() => (core.refreshView(address(this)) ? 1 : 0));
    return address(this);
  }

  /**
   * @internal What is kept of this tensor. Several wrappers may show one leaf: what is kept under the leaf's number is what
   * counts.
   */
  known(): Extras | null {
    const p = address(this);
    const view = i32();
    const slot = view[(p + TensorField.Slot) >>> 2];
    if (slot === 0 || view[(p + TensorField.Node) >>> 2] !== 0 || this.flag(TensorFlag.GraphFreed)) return this._x;
    const extras = extrasOfSlot(slot);
    if (this._x !== extras) {
      extras.gradView ??= this._x?.gradView ?? null;
      this._x = extras;
    }
    return extras;
  }

  /** @internal */
  extras(): Extras {
    const known = this.known();
    if (known) return known;
    this._x ??= {
      grad: null,
      gradView: null,
      hooks: null,
      postHooks: null,
      node: null,
      owner: null,
      self: null,
      accumulator: null,
    };
    return this._x;
  }

  /** @internal Gives a leaf the number under which the core asks for it when a walk reaches it. */
  leafSlot(): void {
    const p = address(this);
    const extras = this.extras();
    // Hooks get the wrapper through which somebody last asked for them.
    extras.self = weakly(this as unknown as Tensor);
    const at = (p + TensorField.Slot) >>> 2;
    if (i32()[at] === 0) i32()[at] = addSlot(extras, this._g === HEAP);
  }

  /** Whether operations on the tensor are recorded: it was asked for, or an operand asked for it. */
  get requiresGrad(): boolean {
    if (originAway(this)) return true;
    this.fresh();
    return this.flag(TensorFlag.RequiresGrad);
  }

  set requiresGrad(value: boolean) {
    this.setRequiresGrad(value, "Only Tensors of floating point and complex dtype can require gradients");
  }

  /**
   * Records operations on this tensor from now on, or no longer.
   * @example const x = tensor([1, 2]).requiresGrad_(); // x.requiresGrad === true
   * @throws {GradError} switched off on a tensor that is not a leaf
   */
  requiresGrad_(value = true): this {
    this.setRequiresGrad(value, "only Tensors of floating point dtype can require gradients");
    return this;
  }

  private setRequiresGrad(value: boolean, dtypeMessage: string): void {
    if (typeof value !== "boolean") throw new TypeError(`requiresGrad must be a boolean, got ${typeof value}`);
    if (value && this.dtype !== "float32") throw new DTypeError(dtypeMessage);
    if (!this.isLeaf) {
      if (value) return;
      throw new GradError(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that " +
          "doesn't require differentiation use var_no_grad = var.detach().",
      );
    }
    this.setFlag(TensorFlag.RequiresGrad, value);
  }

  /** Made by the user, or by operations of which none was recorded. */
  get isLeaf(): boolean {
    const p = this.fresh();
    return i32()[(p + TensorField.Node) >>> 2] === 0 && !this.flag(TensorFlag.GraphFreed);
  }

  /** Whether `.grad` of this non-leaf is kept. */
  get retainsGrad(): boolean {
    return this.flag(TensorFlag.RetainsGrad);
  }

  /**
   * The gradient that backward() has gathered here, or null. Only leaves that require grad have one, and tensors on which
   * retainGrad() was called.
   */
  get grad(): Tensor | null {
    const p = address(this);
    recorder?.readsGrad(this);
    const kept = this.known()?.grad;
    if (kept) return kept;
    const g = i32()[(p + TensorField.Grad) >>> 2];
    if (g === 0) {
      if (!this.isLeaf && !this.retainsGrad) warnOnce("grad of non-leaf", NON_LEAF_GRAD);
      return null;
    }
    const extras = this.extras();
    const known = extras.gradView;
    if (known && address(known) === g) return known;
    const view = wrap(g);
    view._g = this._g;
    if (this._g === HEAP) view.extras().owner = this._token;
    extras.gradView = view;
    return view;
  }

  set grad(value: Tensor | null) {
    this.checkGrad(value);
    this.dropGrad();
    if (!value) return;
    this.extras().grad = value;
    this.leafSlot();
  }

  private checkGrad(value: unknown): void {
    if (value === null || value === undefined) return;
    if (!(value instanceof TensorBase)) {
      throw new TypeError(`assigned grad expected to be a Tensor or None but got grad of type ${typeof value}`);
    }
    if ((value as unknown) === this) throw new TensorError("can't assign Variable as its own grad");
    if (value.dtype !== this.dtype) {
      throw new DTypeError(`assigned grad has data of a different type: got ${value.dtype}, expected ${this.dtype}`);
    }
    const [got, own] = [value.shape, this.shape];
    if (got.length !== own.length || got.some((size, i) => size !== own[i])) {
      throw new TensorError(
        `assigned grad has data of a different size: got [${got.join(", ")}], expected [${own.join(", ")}]`,
      );
    }
  }

  /** @internal Gives up the gradient. A wrapper that somebody holds gets a copy of its own. */
  dropGrad(): void {
    const p = address(this);
    const x = this.known();
    if (x?.grad) x.grad = null;
    const view = x?.gradView;
    if (x) x.gradView = null;
    if (view && view._g === HEAP) moveOut(view);
    if (recorder && this._g === HEAP) {
      recorder.clears(this);
      return;
    }
    if (i32()[(p + TensorField.Grad) >>> 2] === 0) return;
    if (this._g === HEAP) core.clearGrad(address(this));
    else i32()[(address(this) + TensorField.Grad) >>> 2] = 0;
  }

  /** The elements in logical row-major order: a typed array of their own, not connected to the tensor. bools are 0 and 1. */
  data(): Float32Array | Int32Array | Uint8Array {
    refuseReading();
    let p = readable(this);
    const code = u8()[(p + TensorField.DType) >>> 0];
    const dense = (i32()[(p + TensorField.DType) >>> 2] & (TensorFlag.Contiguous << 16)) !== 0;
    if (!dense) p = whilePinned(() => withMemory(() => core.toNursery(readable(this))));
    const start = i32()[(p + TensorField.Data) >>> 2] >>> 0;
    const n = i32()[(p + TensorField.Numel) >>> 2];
    if (code === Code.Float32) return f32().slice(start >>> 2, (start >>> 2) + n);
    if (code === Code.Int32) return i32().slice(start >>> 2, (start >>> 2) + n);
    return u8().slice(start, start + n);
  }

  /** The one element: a number, or a boolean of a bool tensor (`item<boolean>()`). */
  item<T extends number | boolean = number>(): T {
    if (this.numel() !== 1) throw new TensorError("only one element tensors can be converted to Python scalars");
    return this.at(0) as T;
  }

  /** @internal Element by its row-major position. */
  at(flatIndex: number): number | boolean {
    refuseReading();
    const p = readable(this);
    const view = i32();
    const meta = view[(p + TensorField.DType) >>> 2];
    const [code, ndim] = [meta & 0xff, (meta >>> 8) & 0xff];
    const dims = (p + TensorField.Dims) >>> 2;
    let rest = flatIndex;
    let offset = 0;
    for (let i = ndim - 1; i >= 0; i--) {
      const size = view[dims + i];
      offset += (rest % size) * view[dims + ndim + i];
      rest = Math.floor(rest / size);
    }
    const start = view[(p + TensorField.Data) >>> 2] >>> 0;
    if (code === Code.Float32) return f32()[(start >>> 2) + offset];
    if (code === Code.Int32) return view[(start >>> 2) + offset];
    return u8()[start + offset] !== 0;
  }

  /** The elements as nested arrays; a number or boolean if there are no dimensions. */
  tolist(): NestedList {
    const data = this.data();
    const { shape, dtype } = this;
    const convert = (value: number): number | boolean => (dtype === "bool" ? value !== 0 : value);
    if (shape.length === 0) return convert(data[0]);
    let at = 0;
    const nest = (dim: number): NestedList[] =>
      Array.from({ length: shape[dim] }, () => (dim === shape.length - 1 ? convert(data[at++]) : nest(dim + 1)));
    return nest(0);
  }

  /** Numbers of 0-d tensors are iterated over by nobody; the others give their slices along the first dimension. */
  get length(): number {
    const { shape } = this;
    if (shape.length === 0) throw new TypeError("len() of a 0-d tensor");
    return shape[0];
  }

  /** @internal The name that is printed as grad_fn, or null. */
  abstract gradFnName(): string | null;

  /** As PyTorch prints it. */
  toString(): string {
    if (this._g === DISPOSED) return "tensor(<disposed>)";
    return formatTensor({
      data: (i) => Number(this.at(i)),
      shape: this.shape,
      dtype: this.dtype,
      requiresGrad: this.requiresGrad,
      gradFn: this.gradFnName(),
      parameter: this.flag(TensorFlag.Parameter),
    });
  }

  /** Node's, Deno's and Bun's console.log. */
  [INSPECT](): string {
    return this.toString();
  }

  [DENO_INSPECT](): string {
    return this.toString();
  }

  get [Symbol.toStringTag](): string {
    return "Tensor";
  }

  /**
   * Gives the memory back at once, where there is any to give back: that of parameters and of what lives long. Using the
   * tensor afterwards is an error. Nobody has to call this.
   */
  dispose(): void {
    if (this._g === DISPOSED) return;
    address(this);
    this.dropGrad();
    const token = this._token;
    // The memory of a view is its base's, unless it is counted for the view itself.
    const isShared = token !== null && !token.isStorage && token.address !== this._p && this.flag(TensorFlag.View);
    this._token = null;
    this._g = DISPOSED;
    if (!isShared) token?.free();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal A token for the storage, so that a view of heap memory may outlive its owner. */
  storageToken(): Token | null {
    if (this._token) return this._token;
    const p = address(this);
    if (!core.isHeapStorage(p)) return null;
    const storage = i32()[(p + TensorField.Storage) >>> 2];
    core.retainStorage(storage);
    return new Token(storage, true);
  }

  /** @internal */
  scalarName(): string {
    return scalarName(this.dtype);
  }
}

/** Nested arrays of numbers or booleans. */
export type NestedList = number | boolean | NestedList[];

/** Extras of a leaf by the number in its record. */
export function extrasOfSlot(slot: number): Extras {
  const extras = slotValue(slot);
  if (!extras) throw new DisposedError("a leaf of the graph has been disposed of");
  return extras as Extras;
}
