/** Reading and writing at positions, as methods. Each is the function of its name in ops/. */
import { ShapeError } from "../core/errors.ts";
import * as advanced from "../ops/advanced.ts";
import type { Operand } from "../ops/binary.ts";
import * as write from "../ops/index-write.ts";
import * as indexing from "../ops/indexing.ts";
import * as mask from "../ops/mask.ts";
import * as scatter from "../ops/scatter.ts";
import * as reduce from "../ops/scatter-reduce.ts";
import * as subscript from "../ops/subscript.ts";
import { type UniqueConsecutiveOptions, type UniqueOptions, unique, uniqueConsecutive } from "../ops/unique.ts";
import type { Tensor } from "../tensor.ts";
import { StatisticsMethods } from "./statistics.ts";

type UniqueArguments = [
  sorted?: boolean | UniqueOptions,
  returnInverse?: boolean | UniqueOptions,
  returnCounts?: boolean | UniqueOptions,
  dim?: number | null | UniqueOptions,
];
type ConsecutiveArguments = [
  returnInverse?: boolean | UniqueConsecutiveOptions,
  returnCounts?: boolean | UniqueConsecutiveOptions,
  dim?: number | null | UniqueConsecutiveOptions,
];
type Source = Tensor | number | boolean | scatter.ScatterOptions;
type Fill = number | boolean | Tensor;

export abstract class IndexingMethods extends StatisticsMethods {
  /** What Python writes x[...]. */
  index(this: Tensor, ...indices: subscript.Index[]): Tensor {
    return subscript.index(this, ...indices);
  }

  /** What Python writes x[...] = value. */
  setIndex(this: Tensor, indices: readonly subscript.Index[], value: Operand): Tensor {
    return subscript.setIndex(this, indices, value);
  }

  /** out[i][j] = input[index[i][j]][j] for dim 0, likewise for others. @see {@link indexing.gather} */
  gather(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.gather(this, dim, index);
  }

  /** The slices at the positions of a 1-d index, along a dimension. @see {@link indexing.indexSelect} */
  indexSelect(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.indexSelect(this, dim, index);
  }

  /** The elements at these positions of the flattened input. @see {@link indexing.take} */
  take(this: Tensor, index: Tensor): Tensor {
    return indexing.take(this, index);
  }

  /**
   * `gather` in which input and indices broadcast to each other, but for one dimension.
   * @see {@link indexing.takeAlongDim}
   */
  takeAlongDim(this: Tensor, indices: Tensor, dim?: number | null | { dim?: number | null }): Tensor {
    return indexing.takeAlongDim(this, indices, dim);
  }

  /**
   * A copy of `input` with the elements of `source` at these positions of its flattened form.
   * @see {@link indexing.put}
   */
  put(this: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | { accumulate?: boolean }): Tensor {
    return indexing.put(this, index, source, accumulate);
  }

  /** `put` into the tensor itself. Written into this tensor. @see {@link indexing.put_} */
  put_(this: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | { accumulate?: boolean }): Tensor {
    return indexing.put_(this, index, source, accumulate);
  }

  /**
   * A copy of `input` with `values` at the positions that the index tensors give, one for each dimension from the first
   * on.
   * @see {@link advanced.indexPut}
   */
  indexPut(
    this: Tensor,
    indices: readonly (Tensor | null)[],
    values: Tensor,
    accumulate?: boolean | { accumulate?: boolean },
  ): Tensor {
    return advanced.indexPut(this, indices, values, accumulate);
  }

  /** `indexPut` into the tensor itself. Written into this tensor. @see {@link advanced.indexPut_} */
  indexPut_(
    this: Tensor,
    indices: readonly (Tensor | null)[],
    values: Tensor,
    accumulate?: boolean | { accumulate?: boolean },
  ): Tensor {
    return advanced.indexPut_(this, indices, values, accumulate);
  }

  /**
   * `input` with the slices of `source`, times alpha, added at the positions of a 1-d index.
   * @see {@link write.indexAdd}
   */
  indexAdd(this: Tensor, dim: number, index: Tensor, source: Tensor, options?: write.IndexAddOptions): Tensor {
    return write.indexAdd(this, dim, index, source, options);
  }

  /** `indexAdd` into the tensor itself. Written into this tensor. @see {@link write.indexAdd_} */
  indexAdd_(this: Tensor, dim: number, index: Tensor, source: Tensor, options?: write.IndexAddOptions): Tensor {
    return write.indexAdd_(this, dim, index, source, options);
  }

  /**
   * A copy of `input` in which the slices at the positions of a 1-d index are those of `source`.
   * @see {@link write.indexCopy}
   */
  indexCopy(this: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
    return write.indexCopy(this, dim, index, source);
  }

  /** `indexCopy` into the tensor itself. Written into this tensor. @see {@link write.indexCopy_} */
  indexCopy_(this: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
    return write.indexCopy_(this, dim, index, source);
  }

  /**
   * A copy of `input` in which all elements of the slices at the positions of a 1-d index are `value`.
   * @see {@link write.indexFill}
   */
  indexFill(this: Tensor, dim: number, index: Tensor, value: Fill): Tensor {
    return write.indexFill(this, dim, index, value);
  }

  /** `indexFill` into the tensor itself. Written into this tensor. @see {@link write.indexFill_} */
  indexFill_(this: Tensor, dim: number, index: Tensor, value: Fill): Tensor {
    return write.indexFill_(this, dim, index, value);
  }

  /** `scatterReduce` slice by slice. @see {@link reduce.indexReduce} */
  indexReduce(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduction: Exclude<reduce.Reduction, "sum">,
    options?: reduce.ScatterReduceOptions,
  ): Tensor {
    return reduce.indexReduce(this, dim, index, source, reduction, options);
  }

  /** `indexReduce` into the tensor itself. Written into this tensor. @see {@link reduce.indexReduce_} */
  indexReduce_(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduction: Exclude<reduce.Reduction, "sum">,
    options?: reduce.ScatterReduceOptions,
  ): Tensor {
    return reduce.indexReduce_(this, dim, index, source, reduction, options);
  }

  /**
   * A copy of `input` with out[index[i][j]][j] = src[i][j] for dim 0, likewise for others.
   * @see {@link scatter.scatter}
   */
  scatter(this: Tensor, dim: number, index: Tensor, src: Source, options?: scatter.ScatterOptions): Tensor {
    return scatter.scatter(this, dim, index, src, options);
  }

  /** `scatter` into the tensor itself. Written into this tensor. @see {@link scatter.scatter_} */
  scatter_(this: Tensor, dim: number, index: Tensor, src: Source, options?: scatter.ScatterOptions): Tensor {
    return scatter.scatter_(this, dim, index, src, options);
  }

  /** `input` with `src` added at the positions of `index` along a dimension. @see {@link scatter.scatterAdd} */
  scatterAdd(this: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
    return scatter.scatterAdd(this, dim, index, src);
  }

  /** `scatterAdd` into the tensor itself. Written into this tensor. @see {@link scatter.scatterAdd_} */
  scatterAdd_(this: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
    return scatter.scatterAdd_(this, dim, index, src);
  }

  /**
   * `input` with the elements of `src` reduced into the positions of `index` along a dimension.
   * @see {@link reduce.scatterReduce}
   */
  scatterReduce(
    this: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduction: reduce.Reduction,
    options?: reduce.ScatterReduceOptions,
  ): Tensor {
    return reduce.scatterReduce(this, dim, index, src, reduction, options);
  }

  /** `scatterReduce` into the tensor itself. Written into this tensor. @see {@link reduce.scatterReduce_} */
  scatterReduce_(
    this: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduction: reduce.Reduction,
    options?: reduce.ScatterReduceOptions,
  ): Tensor {
    return reduce.scatterReduce_(this, dim, index, src, reduction, options);
  }

  /** `value`, a number or a tensor without dimensions, where the mask holds. @see {@link mask.maskedFill} */
  maskedFill(this: Tensor, holds: Tensor, value: Fill | { value: Fill }): Tensor {
    return mask.maskedFill(this, holds, value);
  }

  /** `maskedFill` into the tensor itself. Written into this tensor. @see {@link mask.maskedFill_} */
  maskedFill_(this: Tensor, holds: Tensor, value: Fill | { value: Fill }): Tensor {
    return mask.maskedFill_(this, holds, value);
  }

  /** The elements where the mask holds, in one dimension. @see {@link mask.maskedSelect} */
  maskedSelect(this: Tensor, holds: Tensor): Tensor {
    return mask.maskedSelect(this, holds);
  }

  /**
   * `input` with the elements of `source`, one after the other, where the mask holds.
   * @see {@link mask.maskedScatter}
   */
  maskedScatter(this: Tensor, holds: Tensor, source: Tensor): Tensor {
    return mask.maskedScatter(this, holds, source);
  }

  /** `maskedScatter` into the tensor itself. Written into this tensor. @see {@link mask.maskedScatter_} */
  maskedScatter_(this: Tensor, holds: Tensor, source: Tensor): Tensor {
    return mask.maskedScatter_(this, holds, source);
  }

  nonzero(this: Tensor, options?: { asTuple?: false }): Tensor;
  nonzero(this: Tensor, options: { asTuple: true }): Tensor[];
  /** The positions of all elements that are not zero. @see {@link mask.nonzero} */
  nonzero(this: Tensor, options?: { asTuple?: boolean }): Tensor | Tensor[] {
    return mask.nonzero(this, options as { asTuple: true });
  }

  unique(this: Tensor, sorted?: boolean): Tensor;
  unique(this: Tensor, ...args: UniqueArguments): Tensor | Tensor[];
  /** The values of all elements, or the slices along `dim`, each once and sorted. @see {@link unique} */
  unique(this: Tensor, ...args: UniqueArguments): Tensor | Tensor[] {
    return unique(this, ...args);
  }

  uniqueConsecutive(this: Tensor): Tensor;
  uniqueConsecutive(this: Tensor, ...args: ConsecutiveArguments): Tensor | Tensor[];
  /** As `unique`, but only neighbours are compared, and nothing is sorted. @see {@link uniqueConsecutive} */
  uniqueConsecutive(this: Tensor, ...args: ConsecutiveArguments): Tensor | Tensor[] {
    return uniqueConsecutive(this, ...args);
  }

  /** Every element whose indices are all equal becomes `value`. @throws {ShapeError} sizes that differ, of more than two dimensions */
  fillDiagonal_(this: Tensor, value: number): Tensor {
    const { shape } = this;
    if (shape.length < 2) throw new ShapeError("dimensions must larger than 1");
    if (shape.length > 2 && shape.some((size) => size !== shape[0])) {
      throw new ShapeError("all dimensions of input must be of equal length");
    }
    const step = this.stride().reduce((a, b) => a + b, 0);
    this.asStrided([Math.min(...shape)], [step], this.storageOffset()).fill_(value);
    return this;
  }

  /** The positions of all elements that are not zero, one row for each. @see {@link mask.argwhere} */
  argwhere(this: Tensor): Tensor {
    return mask.argwhere(this);
  }
}
