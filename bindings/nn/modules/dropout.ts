import { named } from "../../core/args.ts";
import type { Tensor } from "../../tensor.ts";
import { checkDropout, dropout } from "../functional/dropout.ts";
import { Module } from "../module.ts";
import { pythonBool } from "../print.ts";

interface DropoutOptions {
  p?: number;
  inplace?: boolean;
}

/**
 * In training every element becomes 0 with probability `p` (0.5), and the others are scaled by 1/(1 − p); in eval nothing
 * happens.
 * @throws {TensorError} p outside [0, 1]
 * @see PyTorch torch.nn.Dropout; Hinton et al. 2012, arXiv:1207.0580
 * @example new nn.Dropout(0.5).eval()(ones(3)).tolist() // [1, 1, 1]
 */
export class Dropout extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  p: number;
  inplace: boolean;

  constructor(...args: (number | boolean | DropoutOptions)[]) {
    super();
    const { p = 0.5, inplace = false } = named<DropoutOptions>("Dropout", args, ["p", "inplace"]);
    checkDropout(p);
    this.p = p;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return dropout(input, this.p, this.training, this.inplace);
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=${pythonBool(this.inplace)}`;
  }
}
