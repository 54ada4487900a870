/** Whether an operator has a first and a second derivative: by PyTorch's operator cases, or by asking for them. */
import * as tapegrad from "../../bindings/index.ts";
import { runExample } from "../api/example.ts";
import type { Operator } from "./collect.ts";
import { camelCase, readTiers } from "./tiers.ts";

/** 0: none, 1: a gradient, 2: and the gradient's. */
export type Order = 0 | 1 | 2;

const cases = new Map([...readTiers()].map(([name, tiers]) => [camelCase(name), tiers] as const));
/** Methods that Python has as syntax. */
const SYNTAX: Record<string, string> = { index: "getitem", setIndex: "indexPut" };

/** What PyTorch's cases test of an operator; undefined if there are none. */
function tiersOf({ path, aliases, methods }: Operator): readonly string[] | undefined {
  const names = [path.replace(/^Tensor\./, ""), ...aliases, ...methods];
  return names.map((name) => cases.get(SYNTAX[name] ?? name)).find((tiers) => tiers !== undefined);
}

export function hasCase(operator: Operator): boolean {
  return tiersOf(operator) !== undefined;
}

/** Null if nobody knows: there is no case, and the docstring has no example that could be differentiated. */
export function orderOf(operator: Operator): Order | null {
  const tiers = tiersOf(operator);
  if (tiers?.includes("gradgrad")) return 2;
  // Random functions have cases for their shapes only.
  const orders = (operator.doc?.examples ?? []).map(tried).filter((order) => order !== null);
  if (tiers) orders.push(tiers.includes("grad") ? 1 : 0);
  return orders.length > 0 ? (Math.max(...orders) as Order) : null;
}

/** What comes of a docstring's example when all its float tensors ask for gradients. */
function tried(example: string): Order | null {
  const leaves: tapegrad.Tensor[] = [];
  const asking = new Proxy(tapegrad, {
    get: (target, name: string) => {
      const value = target[name as keyof typeof tapegrad];
      return name === "tensor" || name === "randn" || name === "ones" || name === "zeros" || name === "eye"
        ? (...args: unknown[]) => leaf((value as (...given: unknown[]) => tapegrad.Tensor)(...args), leaves)
        : value;
    },
  });
  const call = example.replace(
    /(?:\.(?:tolist|item|data|stride)\([^()]*\)|\.(?:shape|ndim|dtype))+(?=;? *\/\/[^\n]*$)/,
    "",
  );
  let results: tapegrad.Tensor[];
  try {
    results = tensorsIn(runExample(call, asking).value);
  } catch {
    return null;
  }
  const outputs = results.filter((t) => t.requiresGrad && t.dtype === "float32");
  return outputs.length === 0 ? (results.length > 0 ? 0 : null) : differentiated(outputs, leaves);
}

/** A result, so that it can be written to, of a leaf that wants a gradient. */
function leaf(t: tapegrad.Tensor, leaves: tapegrad.Tensor[]): tapegrad.Tensor {
  if (t.dtype !== "float32") return t;
  leaves.push(t.detach().requiresGrad_());
  return leaves[leaves.length - 1].clone();
}

function tensorsIn(value: unknown): tapegrad.Tensor[] {
  if (value instanceof tapegrad.Tensor) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(tensorsIn) : [];
}

function differentiated(outputs: tapegrad.Tensor[], leaves: tapegrad.Tensor[]): Order {
  const gradOutputs = outputs.map((t) => tapegrad.onesLike(t, { requiresGrad: true }));
  const allowUnused = true;
  try {
    const options = { gradOutputs, allowUnused, retainGraph: true };
    if (tapegrad.autograd.grad(outputs, leaves, options).every((g) => g === null)) return 0;
  } catch {
    return 0;
  }
  try {
    const first = tapegrad.autograd.grad(outputs, leaves, { gradOutputs, allowUnused, createGraph: true });
    const recorded = first.filter((g) => g?.requiresGrad) as tapegrad.Tensor[];
    // A gradient without a graph is the same everywhere: its derivative is 0.
    if (recorded.length > 0) {
      const weights = recorded.map((g) => tapegrad.onesLike(g));
      tapegrad.autograd.grad(recorded, [...leaves, ...gradOutputs], { gradOutputs: weights, allowUnused });
    }
    return 2;
  } catch {
    return 1;
  }
}
