/** Methods that fill a tensor with random numbers. */
import { named } from "../core/args.ts";
import type { GeneratorOption } from "../ops/draw.ts";
import * as random from "../ops/sampling.ts";
import type { Tensor } from "../tensor.ts";
import { FunctionInPlaceMethods } from "./functions-inplace.ts";

type Options<K extends string, T = number> = { [key in K]?: T } & GeneratorOption;

export abstract class RandomMethods extends FunctionInPlaceMethods {
  /**
   * Every element becomes a random number from [from, to).
   * @throws {TensorError} from > to
   * @example zeros(3).uniform_(-1, 1).shape // [3]
   */
  uniform_(
    this: Tensor,
    from?: number | Options<"from" | "to">,
    to?: number | Options<"to">,
    options?: GeneratorOption,
  ): Tensor {
    const given = named<Options<"from" | "to">>("uniform_", [from, to, options], ["from", "to"]);
    return random.uniform_(this, given.from ?? 0, given.to ?? 1, given);
  }

  /** Every element becomes a number of the normal distribution. @throws {TensorError} a negative `std` */
  normal_(
    this: Tensor,
    mean?: number | Options<"mean" | "std">,
    std?: number | Options<"std">,
    options?: GeneratorOption,
  ): Tensor {
    const given = named<Options<"mean" | "std">>("normal_", [mean, std, options], ["mean", "std"]);
    return random.normal_(this, given.mean ?? 0, given.std ?? 1, given);
  }

  /**
   * Every element becomes an integer of from … to − 1. One number alone is the end; none at all stands for every integer
   * from 0 that the dtype holds exactly.
   */
  random_(
    this: Tensor,
    from?: number | Options<"from" | "to">,
    to?: number | Options<"to">,
    options?: GeneratorOption,
  ): Tensor {
    const single = typeof from === "number" && typeof to !== "number";
    const given = named<Options<"from" | "to">>("random_", [from, to, options], single ? ["to"] : ["from", "to"]);
    return random.random_(this, given.from ?? 0, given.to, given);
  }

  /** Every element becomes 1 with probability p (0.5 if left out; may be a tensor), else 0. */
  bernoulli_(this: Tensor, p?: number | Tensor | Options<"p", number | Tensor>, options?: GeneratorOption): Tensor {
    const given = named<Options<"p", number | Tensor>>("bernoulli_", [p, options], ["p"]);
    return random.bernoulli_(this, given.p ?? 0.5, given);
  }

  /** Every element becomes a number of the exponential distribution with the rate `lambd`. */
  exponential_(this: Tensor, lambd?: number | Options<"lambd">, options?: GeneratorOption): Tensor {
    const given = named<Options<"lambd">>("exponential_", [lambd, options], ["lambd"]);
    return random.exponential_(this, given.lambd ?? 1, given);
  }

  /** 1 with the probability that stands in each element, or with probability `p`, as a new tensor. */
  bernoulli(this: Tensor, p?: number | Options<"p">, options?: GeneratorOption): Tensor {
    const given = named<Options<"p">>("bernoulli", [p, options], ["p"]);
    return random.bernoulli(this, given);
  }

  /** `numSamples` places drawn by the weights in each row. */
  multinomial(this: Tensor, numSamples: number, replacement = false, options: GeneratorOption = {}): Tensor {
    return random.multinomial(this, { numSamples, replacement, ...options });
  }
}
