/** Keeping gradients within bounds. */
import { noGrad } from "../../autograd/mode.ts";
import { named } from "../../core/args.ts";
import { TensorBase } from "../../core/base.ts";
import { TensorError } from "../../core/errors.ts";
import { stack } from "../../ops/cat.ts";
import { zeros } from "../../ops/creation.ts";
import type { Tensor } from "../../tensor.ts";

/** Tensors whose gradients are meant. */
type Leaves = Tensor | Iterable<Tensor>;

function gradients(parameters: Leaves): Tensor[] {
  const leaves = parameters instanceof TensorBase ? [parameters as Tensor] : [...(parameters as Iterable<Tensor>)];
  return leaves.map((p) => p.grad).filter((g) => g !== null);
}

interface ClipNormOptions {
  /** Default 2; Infinity for the largest absolute value. */
  normType?: number;
  /** Throw if the norm is NaN or infinite. Default false. */
  errorIfNonfinite?: boolean;
}

/** (Σ |x|ᵖ)^(1/p) */
function norm(t: Tensor, p: number): Tensor {
  if (p === Number.POSITIVE_INFINITY) return t.numel() ? t.abs().amax() : zeros();
  if (p === 2) return t.square().sum().sqrt();
  if (p === 1) return t.abs().sum();
  return t
    .abs()
    .pow(p)
    .sum()
    .pow(1 / p);
}

/**
 * Scales the gradients of all parameters, in place, by maxNorm / (norm + 1e-6) if that is below 1; `norm` is that of all
 * gradients laid end to end.
 * @returns the norm that they had
 * @see PyTorch torch.nn.utils.clip_grad_norm_; Pascanu et al. 2013, arXiv:1211.5063
 * @example
 * const p = tensor([0, 0], { requiresGrad: true });
 * p.mul(tensor([3, 4])).sum().backward();
 * nn.utils.clipGradNorm_([p], 1).item(); // 5
 */
export function clipGradNorm_(parameters: Leaves, maxNorm: number, ...args: (number | ClipNormOptions)[]): Tensor {
  const { normType = 2, errorIfNonfinite = false } = named<ClipNormOptions>("clipGradNorm_", args, [
    "normType",
    "errorIfNonfinite",
  ]);
  return noGrad(() => {
    const all = gradients(parameters);
    if (all.length === 0) return zeros();
    const total = norm(stack(all.map((g) => norm(g, normType))), normType);
    if (errorIfNonfinite && !Number.isFinite(total.item())) {
      throw new TensorError(
        `The total norm of order ${normType} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To ` +
          "disable this error and scale the gradients by the non-finite norm anyway, set `errorIfNonfinite: false`",
      );
    }
    const factor = total.add(1e-6).reciprocal().mul(maxNorm).clampMax(1);
    for (const g of all) g.mul_(factor);
    return total;
  });
}

/**
 * Clamps the gradients of all parameters to [−clipValue, clipValue], in place.
 * @example
 * const x = tensor([3], { requiresGrad: true });
 * x.pow(2).sum().backward();
 * nn.utils.clipGradValue_([x], 1);
 * x.grad.item(); // 1
 */
export function clipGradValue_(parameters: Leaves, clipValue: number): void {
  noGrad(() => {
    for (const g of gradients(parameters)) g.copy_(g.clamp(-clipValue, clipValue));
  });
}
