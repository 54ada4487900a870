/** Statistics, order, scans and norms as methods. */
import * as calculus from "../ops/calculus.ts";
import * as count from "../ops/count.ts";
import { type Histogram, histogram } from "../ops/histogram.ts";
import { replaceBy } from "../ops/inplace.ts";
import * as norms from "../ops/norms.ts";
import * as pick from "../ops/pick.ts";
import type { KeepArgument, ReduceOptions } from "../ops/reduce.ts";
import * as scan from "../ops/scan.ts";
import * as statistics from "../ops/statistics.ts";
import type { Tensor } from "../tensor.ts";
import { SpecialMethods } from "./special.ts";

/** The arguments of a function after the tensor. */
type Rest<F> = F extends (input: Tensor, ...rest: infer R) => unknown ? R : never;

type ValuesAndIndices = pick.ValuesAndIndices;

export abstract class StatisticsMethods extends SpecialMethods {
  max(this: Tensor): Tensor;
  max(this: Tensor, other: Tensor): Tensor;
  max(this: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
  /** The largest element. @see {@link pick.max} */
  max(this: Tensor, dim?: number | Tensor | ReduceOptions, keepdim?: KeepArgument): Tensor | ValuesAndIndices {
    return pick.max(this, dim as number, keepdim);
  }

  min(this: Tensor): Tensor;
  min(this: Tensor, other: Tensor): Tensor;
  min(this: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
  /** The smallest element. @see {@link pick.min} */
  min(this: Tensor, dim?: number | Tensor | ReduceOptions, keepdim?: KeepArgument): Tensor | ValuesAndIndices {
    return pick.min(this, dim as number, keepdim);
  }

  median(this: Tensor): Tensor;
  median(this: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
  /** The median, the lower one of two. @see {@link pick.median} */
  median(this: Tensor, dim?: number | ReduceOptions, keepdim?: KeepArgument): Tensor | ValuesAndIndices {
    return pick.median(this, dim as number, keepdim);
  }

  nanmedian(this: Tensor): Tensor;
  nanmedian(this: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
  /** The median of what is not NaN. @see {@link pick.nanmedian} */
  nanmedian(this: Tensor, dim?: number | ReduceOptions, keepdim?: KeepArgument): Tensor | ValuesAndIndices {
    return pick.nanmedian(this, dim as number, keepdim);
  }

  /**
   * The most frequent elements along `dim`, the smallest of equally frequent ones, and where they were last.
   * @see {@link pick.mode}
   */
  mode(this: Tensor, ...args: Rest<typeof pick.mode>): ValuesAndIndices {
    return pick.mode(this, ...args);
  }

  /** The k-th smallest elements along `dim`, k counted from 1, and where they were. @see {@link pick.kthvalue} */
  kthvalue(this: Tensor, ...args: Rest<typeof pick.kthvalue>): ValuesAndIndices {
    return pick.kthvalue(this, ...args);
  }

  /**
   * The k largest elements along `dim` in descending order (or the smallest in ascending order, if `largest` is false),
   * and where they were.
   * @see {@link pick.topk}
   */
  topk(this: Tensor, ...args: Rest<typeof pick.topk>): ValuesAndIndices {
    return pick.topk(this, ...args);
  }

  /** The elements along `dim` in order, and where they were. @see {@link pick.sort} */
  sort(this: Tensor, ...args: Rest<typeof pick.sort>): ValuesAndIndices {
    return pick.sort(this, ...args);
  }

  /** The positions that sort `input` along `dim`. @see {@link pick.argsort} */
  argsort(this: Tensor, ...args: Rest<typeof pick.argsort>): Tensor {
    return pick.argsort(this, ...args);
  }

  /** The elements in order along the first dimension. @see {@link pick.msort} */
  msort(this: Tensor): Tensor {
    return pick.msort(this);
  }

  /** The largest element so far along `dim`, and where it was. @see {@link pick.cummax} */
  cummax(this: Tensor, ...args: Rest<typeof pick.cummax>): ValuesAndIndices {
    return pick.cummax(this, ...args);
  }

  /** The smallest element so far along `dim`, and where it was. @see {@link pick.cummin} */
  cummin(this: Tensor, ...args: Rest<typeof pick.cummin>): ValuesAndIndices {
    return pick.cummin(this, ...args);
  }

  /** The sum of all elements so far along `dim`. @see {@link scan.cumsum} */
  cumsum(this: Tensor, ...args: Rest<typeof scan.cumsum>): Tensor {
    return scan.cumsum(this, ...args);
  }

  /** `cumsum`, written into this tensor: the sum of all elements so far along `dim`. */
  cumsum_(this: Tensor, ...args: Rest<typeof scan.cumsum>): Tensor {
    return replaceBy(this, (self) => scan.cumsum(self, ...args), "cumsum_");
  }

  /** The product of all elements so far along `dim`. @see {@link scan.cumprod} */
  cumprod(this: Tensor, ...args: Rest<typeof scan.cumprod>): Tensor {
    return scan.cumprod(this, ...args);
  }

  /** `cumprod`, written into this tensor: the product of all elements so far along `dim`. */
  cumprod_(this: Tensor, ...args: Rest<typeof scan.cumprod>): Tensor {
    return replaceBy(this, (self) => scan.cumprod(self, ...args), "cumprod_");
  }

  /** log Σ eˣ over all elements so far along `dim`. @see {@link scan.logcumsumexp} */
  logcumsumexp(this: Tensor, ...args: Rest<typeof scan.logcumsumexp>): Tensor {
    return scan.logcumsumexp(this, ...args);
  }

  /** The variance of all elements, or along `dim`. @see {@link statistics.variance} */
  var(this: Tensor, ...args: Rest<typeof statistics.variance>): Tensor {
    return statistics.variance(this, ...args);
  }

  /** The standard deviation, √var. @see {@link statistics.std} */
  std(this: Tensor, ...args: Rest<typeof statistics.std>): Tensor {
    return statistics.std(this, ...args);
  }

  /** The q-quantiles of all elements, or along `dim`. @see {@link statistics.quantile} */
  quantile(this: Tensor, ...args: Rest<typeof statistics.quantile>): Tensor {
    return statistics.quantile(this, ...args);
  }

  /** The quantiles of what is not NaN. @see {@link statistics.nanquantile} */
  nanquantile(this: Tensor, ...args: Rest<typeof statistics.nanquantile>): Tensor {
    return statistics.nanquantile(this, ...args);
  }

  /** The covariance matrix of variables in rows, of which each column is an observation. @see {@link statistics.cov} */
  cov(this: Tensor, ...args: Rest<typeof statistics.cov>): Tensor {
    return statistics.cov(this, ...args);
  }

  /** The matrix of Pearson's correlation coefficients of variables in rows. @see {@link statistics.corrcoef} */
  corrcoef(this: Tensor): Tensor {
    return statistics.corrcoef(this);
  }

  /** How often each of 0, 1, 2, ... @see {@link count.bincount} */
  bincount(this: Tensor, ...args: Rest<typeof count.bincount>): Tensor {
    return count.bincount(this, ...args);
  }

  /** How many elements fall into each of equally wide bins between min and max. @see {@link count.histc} */
  histc(this: Tensor, ...args: Rest<typeof count.histc>): Tensor {
    return count.histc(this, ...args);
  }

  /** How many elements lie in each bin. @see {@link histogram} */
  histogram(this: Tensor, ...args: Rest<typeof histogram>): Histogram {
    return histogram(this, ...args);
  }

  /** The n-th differences of neighbours along `dim`. @see {@link calculus.diff} */
  diff(this: Tensor, ...args: Rest<typeof calculus.diff>): Tensor {
    return calculus.diff(this, ...args);
  }

  /** PyTorch's older norm. @see {@link norms.norm} */
  norm(this: Tensor, ...args: Rest<typeof norms.norm>): Tensor {
    return norms.norm(this, ...args);
  }

  /** The p-norm of input − other, which broadcast. @see {@link norms.dist} */
  dist(this: Tensor, ...args: Rest<typeof norms.dist>): Tensor {
    return norms.dist(this, ...args);
  }

  /** The slices of `input` along `dim`, scaled down to a p-norm of at most `maxnorm`. @see {@link norms.renorm} */
  renorm(this: Tensor, ...args: Rest<typeof norms.renorm>): Tensor {
    return norms.renorm(this, ...args);
  }

  /**
   * `renorm`, written into this tensor: the slices of `input` along `dim`, scaled down to a p-norm of at most
   * `maxnorm`.
   */
  renorm_(this: Tensor, ...args: Rest<typeof norms.renorm>): Tensor {
    return replaceBy(this, (self) => norms.renorm(self, ...args), "renorm_");
  }
}
