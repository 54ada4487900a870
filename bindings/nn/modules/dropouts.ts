/** Relatives of Dropout as modules. */
import type { Tensor } from "../../tensor.ts";
import { alphaDropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "../functional/dropouts.ts";
import { Dropout } from "./dropout.ts";

/**
 * See nn.functional.dropout1d; the identity in eval.
 * @example new nn.Dropout1d(0.5)(ones(2, 3, 4)).shape // [2, 3, 4]
 */
export class Dropout1d extends Dropout {
  override forward(input: Tensor): Tensor {
    return dropout1d(input, this.p, this.training, this.inplace);
  }
}

/**
 * See nn.functional.dropout2d; the identity in eval.
 * @example new nn.Dropout2d(0.5)(ones(2, 3, 4, 4)).shape // [2, 3, 4, 4]
 */
export class Dropout2d extends Dropout {
  override forward(input: Tensor): Tensor {
    return dropout2d(input, this.p, this.training, this.inplace);
  }
}

/**
 * See nn.functional.dropout3d; the identity in eval.
 * @example new nn.Dropout3d(0.5)(ones(2, 3, 4, 4, 4)).shape // [2, 3, 4, 4, 4]
 */
export class Dropout3d extends Dropout {
  override forward(input: Tensor): Tensor {
    return dropout3d(input, this.p, this.training, this.inplace);
  }
}

/**
 * See nn.functional.alphaDropout; the identity in eval.
 * @example new nn.AlphaDropout(0.5).eval()(ones(3)).tolist() // [1, 1, 1]
 */
export class AlphaDropout extends Dropout {
  override forward(input: Tensor): Tensor {
    return alphaDropout(input, this.p, this.training, this.inplace);
  }
}

/**
 * See nn.functional.featureAlphaDropout; the identity in eval.
 * @example new nn.FeatureAlphaDropout(0.5)(ones(2, 3, 4)).shape // [2, 3, 4]
 */
export class FeatureAlphaDropout extends Dropout {
  override forward(input: Tensor): Tensor {
    return featureAlphaDropout(input, this.p, this.training, this.inplace);
  }
}
