/** Weights that are computed from other parameters before each call: weight and spectral normalisation. */
import { noGrad } from "../../autograd/mode.ts";
import type { RemovableHandle } from "../../autograd/node.ts";
import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import { dot, mv } from "../../ops/matmul.ts";
import { norm, normalize } from "../../ops/norms.ts";
import { randn } from "../../ops/random.ts";
import type { Tensor } from "../../tensor.ts";
import type { Module } from "../module.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../modules/conv.ts";
import { Parameter } from "../parameter.ts";

type Properties = Record<string, Tensor>;

interface Rule {
  kind: string;
  /** Names of parameters and buffers that took the place of the weight. */
  parts: readonly string[];
  compute: () => Tensor;
  handle: RemovableHandle;
}

const rules: WeakMap<Module, Map<string, Rule>> = /* @__PURE__ */ new WeakMap();

/** Takes a parameter of a module out. */
function taken(module: Module, name: string, kind: string): Parameter {
  const other = rules.get(module)?.get(name);
  if (other) throw new TensorError(`Cannot register two ${other.kind} hooks on the same parameter ${name}`);
  const weight = (module as unknown as Properties)[name];
  if (!(weight instanceof Parameter)) throw new TensorError(`${kind}: the module has no parameter ${name}`);
  drop(module, name);
  return weight;
}

function drop(module: Module, name: string): void {
  Reflect.deleteProperty(module, name);
  module.parameterNames.delete(name);
  module.bufferNames.delete(name);
}

function register(module: Module, name: string, rule: Omit<Rule, "handle">, now: () => Tensor): void {
  const own = module as unknown as Properties;
  const handle = module.registerForwardPreHook(() => {
    own[name] = now();
  });
  own[name] = rule.compute();
  const all = rules.get(module) ?? new Map<string, Rule>();
  rules.set(module, all.set(name, { ...rule, handle }));
}

function unregister<M extends Module>(module: M, name: string, kind: string): M {
  const rule = rules.get(module)?.get(name);
  if (rule?.kind !== kind) throw new TensorError(`${kind} of '${name}' not found in ${String(module)}`);
  const weight = noGrad(rule.compute);
  rule.handle.remove();
  rules.get(module)?.delete(name);
  for (const part of [name, ...rule.parts]) drop(module, part);
  module.registerParameter(name, new Parameter(weight));
  return module;
}

interface WeightNormOptions {
  /** Default "weight". */
  name?: string;
  /** Slices along it have norms of their own; null: one norm for all. Default 0. */
  dim?: number | null;
}

/** ‖v‖ of each slice along a dimension. */
function norms(v: Tensor, dim: number | null): Tensor {
  if (dim === null || v.ndim < 2) return norm(v);
  const others = v.shape.map((_, d) => d).filter((d) => d !== (dim + v.ndim) % v.ndim);
  return norm(v, 2, others, true);
}

/**
 * Splits a parameter into its length and its direction, w = g v / ‖v‖: `weight_g` and `weight_v` are trained in its place.
 * @see PyTorch torch.nn.utils.weight_norm; Salimans and Kingma 2016, arXiv:1602.07868
 * @example Object.keys(nn.utils.weightNorm(new nn.Linear(2, 3)).stateDict()) // ["bias", "weight_g", "weight_v"]
 */
export function weightNorm<M extends Module>(module: M, ...args: (string | number | null | WeightNormOptions)[]): M {
  const { name = "weight", ...options } = named<WeightNormOptions>("weightNorm", args, ["name", "dim"]);
  const isWhole = args[1] === null || args.some((arg) => typeof arg === "object" && arg?.dim === null);
  const dim = isWhole ? null : (options.dim ?? 0);
  const weight = taken(module, name, "weight_norm");
  const parts = [`${name}_g`, `${name}_v`];
  module.registerParameter(parts[0], new Parameter(noGrad(() => norms(weight, dim))));
  module.registerParameter(parts[1], weight);
  const own = module as unknown as Properties;
  const compute = (): Tensor => own[parts[1]].mul(own[parts[0]].div(norms(own[parts[1]], dim)));
  register(module, name, { kind: "weight_norm", parts, compute }, compute);
  return module;
}

/**
 * Makes what weightNorm has split one parameter again.
 * @throws {TensorError} it has not
 * @example
 * const layer = nn.utils.weightNorm(new nn.Linear(2, 3));
 * nn.utils.removeWeightNorm(layer);
 * Object.keys(layer.stateDict()).join(" "); // "bias weight"
 */
export function removeWeightNorm<M extends Module>(module: M, name = "weight"): M {
  return unregister(module, name, "weight_norm");
}

interface SpectralNormOptions {
  /** Default "weight". */
  name?: string;
  /** Default 1. */
  nPowerIterations?: number;
  /** Default 1e-12. */
  eps?: number;
  /** The dimension of outputs. Default 0, and 1 for transposed convolutions. */
  dim?: number | null;
}

/**
 * Divides a parameter by its largest singular value, which each call in training follows by a step of power iteration.
 * `weight_orig` is trained in its place; `weight_u` and `weight_v` are buffers.
 * @throws {TensorError} `nPowerIterations` that is not above 0
 * @see PyTorch torch.nn.utils.spectral_norm; Miyato et al. 2018, arXiv:1802.05957
 * @example
 * const layer = nn.utils.spectralNorm(new nn.Linear(2, 2), { nPowerIterations: 50 });
 * layer(ones(1, 2)).shape; // [1, 2]
 */
export function spectralNorm<M extends Module>(
  module: M,
  ...args: (string | number | null | SpectralNormOptions)[]
): M {
  const names = ["name", "nPowerIterations", "eps", "dim"] as const;
  const options = named<SpectralNormOptions>("spectralNorm", args, names);
  const { name = "weight", nPowerIterations = 1, eps = 1e-12 } = options;
  if (!(nPowerIterations > 0)) {
    throw new TensorError(`Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`);
  }
  const isTransposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((type) => module instanceof type);
  const dim = options.dim ?? (isTransposed ? 1 : 0);
  const weight = taken(module, name, "spectral_norm");
  const parts = [`${name}_orig`, `${name}_u`, `${name}_v`];
  const own = module as unknown as Properties;
  const matrix = (): Tensor => own[parts[0]].movedim(dim, 0).flatten(1);
  const unit = (t: Tensor): Tensor => normalize(t, { dim: 0, eps });
  module.registerParameter(parts[0], weight);
  const [height, width] = matrix().shape;
  module.registerBuffer(parts[1], unit(randn(height)));
  module.registerBuffer(parts[2], unit(randn(width)));
  const compute = (): Tensor => {
    const w = matrix();
    // Copies: the next step overwrites the buffers, and a graph may still need what they are now.
    const [u, v] = [own[parts[1]].clone(), own[parts[2]].clone()];
    return own[parts[0]].div(dot(u, mv(w, v)));
  };
  const iterate = (): void =>
    noGrad(() => {
      const w = matrix();
      for (let i = 0; i < nPowerIterations; i++) {
        own[parts[2]].copy_(unit(mv(w.t(), own[parts[1]])));
        own[parts[1]].copy_(unit(mv(w, own[parts[2]])));
      }
    });
  register(module, name, { kind: "spectral_norm", parts, compute }, () => {
    if (module.training) iterate();
    return compute();
  });
  return module;
}

/**
 * Makes a parameter of what spectralNorm computes.
 * @throws {TensorError} it does not
 * @example
 * const layer = nn.utils.spectralNorm(new nn.Linear(2, 3));
 * nn.utils.removeSpectralNorm(layer);
 * Object.keys(layer.stateDict()).join(" "); // "bias weight"
 */
export function removeSpectralNorm<M extends Module>(module: M, name = "weight"): M {
  return unregister(module, name, "spectral_norm");
}
