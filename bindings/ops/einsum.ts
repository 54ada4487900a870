/** Einstein summation. */
import { TensorBase } from "../core/base.ts";
import { ShapeError } from "../core/errors.ts";
import { renamed } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { diagonal } from "./diagonal.ts";
import { product } from "./geometry.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduce.ts";

/** The dimensions of one operand by number, as subscripts; "..." stands for those that are left. */
type Sublist = readonly (number | "...")[];

/** A tensor with a label for each dimension. Those that an ellipsis stands for are numbered from the right. */
interface Labelled {
  t: Tensor;
  labels: string[];
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function fail(text: string): ShapeError {
  return new ShapeError(`einsum(): ${text}`);
}

/** Subscripts in a list: letters, and "..." at most once. */
function parse(text: string, offset: number, whose: string): string[] {
  const labels: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === " ") continue;
    if (text[i] === ".") {
      if (labels.includes("...")) throw fail(`found '.' for ${whose} for which an ellipsis was already found`);
      if (text.slice(i, i + 3) !== "...") throw fail(`found '.' for ${whose} that is not part of any ellipsis`);
      labels.push("...");
      i += 2;
    } else {
      if (!LETTERS.includes(text[i])) {
        throw fail(
          `invalid subscript given at index ${offset + i} in the equation string, subscripts must be in [a-zA-Z]`,
        );
      }
      labels.push(text[i]);
    }
  }
  return labels;
}

/** Operands with their subscripts; and those of the result, if they were given. */
function read(equation: string, operands: readonly Tensor[]): { inputs: string[][]; output: string[] | null } {
  const arrow = equation.indexOf("->");
  const left = arrow < 0 ? equation : equation.slice(0, arrow);
  const parts = left.split(",");
  if (parts.length > operands.length) throw fail("fewer operands were provided than specified in the equation");
  if (parts.length < operands.length) throw fail("more operands were provided than specified in the equation");
  let offset = 0;
  const inputs = parts.map((part, i) => {
    const labels = parse(part, offset, `operand ${i}`);
    offset += part.length + 1;
    return labels;
  });
  return { inputs, output: arrow < 0 ? null : parse(equation.slice(arrow + 2), arrow + 2, "output") };
}

/** Operands and sublists in turn, the last sublist possibly that of the result. */
function readSublists(args: readonly unknown[]): { operands: Tensor[]; inputs: string[][]; output: string[] | null } {
  const letter = (s: number | "..."): string => {
    if (s === "...") return s;
    if (LETTERS[s] === undefined) throw fail(`expected subscripts to be within range [0, 52), but got ${s}`);
    return LETTERS[s];
  };
  const labels = (list: unknown): string[] => (list as Sublist).map(letter);
  const pairs = Math.floor(args.length / 2);
  return {
    operands: Array.from({ length: pairs }, (_, i) => args[2 * i] as Tensor),
    inputs: Array.from({ length: pairs }, (_, i) => labels(args[2 * i + 1])),
    output: args.length % 2 === 1 ? labels(args[args.length - 1]) : null,
  };
}

/** One label for each dimension, and each label for one: repeated ones become a diagonal. */
function label(t: Tensor, subscripts: readonly string[], i: number): Labelled {
  const named = subscripts.length - (subscripts.includes("...") ? 1 : 0);
  const rest = t.ndim - named;
  if (rest < 0 || (rest > 0 && named === subscripts.length)) {
    throw fail(
      `the number of subscripts in the equation (${named}) ` +
        (named === subscripts.length
          ? `does not match the number of dimensions (${t.ndim}) for operand ${i} and no ellipsis was given`
          : `is more than the number of dimensions (${t.ndim}) for operand ${i}`),
    );
  }
  const labels = subscripts.flatMap((s) => (s === "..." ? ellipsis(rest) : [s]));
  let result = t;
  for (let b = labels.length - 1; b > 0; b--) {
    const a = labels.indexOf(labels[b]);
    if (a === b) continue;
    const [m, n] = [result.size(a), result.size(b)];
    if (m !== n)
      throw fail(`subscript ${labels[b]} is repeated for operand ${i} but the sizes don't match, ${n} != ${m}`);
    result = diagonal(result, 0, a, b);
    labels.push(labels[b]);
    labels.splice(b, 1);
    labels.splice(a, 1);
    b = labels.length;
  }
  return { t: result, labels };
}

function ellipsis(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);
}

/** Refuses a label of several sizes other than 1, which broadcasts. */
function checkSizes(operands: readonly Labelled[]): void {
  const sizes = new Map<string, number>();
  operands.forEach(({ t, labels }, i) => {
    t.shape.forEach((size, d) => {
      const known = sizes.get(labels[d]) ?? 1;
      if (known !== 1 && size !== 1 && size !== known) {
        const what = labels[d][0] === "." ? "a dimension covered by the ellipsis" : `subscript ${labels[d]}`;
        throw fail(
          `${what} has size ${size} for operand ${i} which does not broadcast with previously seen size ${known}`,
        );
      }
      sizes.set(labels[d], known === 1 ? size : known);
    });
  });
}

/** Without the dimensions of some labels: those of size 1 dropped, the others summed over. */
function without({ t, labels }: Labelled, gone: (label: string) => boolean): Labelled {
  const dims = labels.map((_, d) => d).filter((d) => gone(labels[d]));
  if (dims.length === 0) return { t, labels };
  const { shape } = t;
  const rest = dims.every((d) => shape[d] === 1) ? t.squeeze(dims) : sum(t, dims);
  return { t: rest, labels: labels.filter((l) => !gone(l)) };
}

/** Dimensions in the order of groups of labels, each group as one dimension. */
function grouped({ t, labels }: Labelled, groups: readonly (readonly string[])[]): Tensor {
  const { shape } = t;
  const order = groups.flat().map((l) => labels.indexOf(l));
  const sizes = groups.map((group) => product(group.map((l) => shape[labels.indexOf(l)])));
  return t.permute(order).reshape(sizes);
}

/** The product of two operands, summed over the labels that are not kept, as a batch of matrix products. */
function contract(a: Labelled, b: Labelled, kept: (label: string) => boolean): Labelled {
  const sizeIn = ({ t, labels }: Labelled, l: string): number => t.size(labels.indexOf(l));
  const alone = (x: Labelled, y: Labelled): Labelled => {
    const stretched = (l: string): boolean => y.labels.includes(l) && sizeIn(x, l) === 1 && sizeIn(y, l) !== 1;
    return without(x, (l) => stretched(l) || (!kept(l) && !y.labels.includes(l)));
  };
  const dropped = [alone(a, b), alone(b, a)];
  const [x, y] = [alone(dropped[0], dropped[1]), alone(dropped[1], dropped[0])];
  const shared = x.labels.filter((l) => y.labels.includes(l));
  const batch = shared.filter(kept);
  const summed = shared.filter((l) => !kept(l));
  const left = x.labels.filter((l) => !shared.includes(l));
  const right = y.labels.filter((l) => !shared.includes(l));
  const size = (l: string): number => sizeIn(x.labels.includes(l) ? x : y, l);
  const labels = [...batch, ...left, ...right];
  const head = batch.length ? [batch] : [];
  const [p, q] = [grouped(x, [...head, left, summed]), grouped(y, [...head, summed, right])];
  // Without anything to sum over, products of elements: exact, and of any dtype.
  const t = summed.length ? matmul(p, q) : p.mul(q);
  return { t: t.reshape(labels.map(size)), labels };
}

function order(
  subscripts: readonly string[][],
  output: readonly string[] | null,
  operands: readonly Labelled[],
): string[] {
  const dots = ellipsis(Math.max(0, ...operands.map(({ labels }) => labels.filter((l) => l[0] === ".").length)));
  if (output === null) {
    const all = subscripts.flat();
    const once = all.filter((l) => l !== "..." && all.indexOf(l) === all.lastIndexOf(l)).sort();
    return [...dots, ...once];
  }
  output.forEach((l, i) => {
    if (output.indexOf(l) !== i) throw fail(`output subscript ${l} appears more than once in the output`);
    if (l !== "..." && !subscripts.some((s) => s.includes(l))) {
      throw fail(`output subscript ${l} does not appear in the equation for any input operand`);
    }
  });
  return output.flatMap((l) => (l === "..." ? dots : [l]));
}

/**
 * Products of the operands' elements, summed over every subscript that the result does not have. Each operand has a list of
 * subscripts, one for each dimension; a repeated one takes the diagonal, "..." stands for the dimensions that are left and
 * broadcasts. The result's follow behind "->"; without it they are those that appear once, in order of the alphabet. Products are
 * formed from left to right as batched matrix products.
 *
 * Instead of an equation, operands and lists of numbers may be given in turn: `einsum(a, [0, 1], b, [1, 2], [0, 2])`.
 * @throws {ShapeError} an equation that makes no sense, or sizes that differ
 * @see PyTorch torch.einsum
 * @example einsum("ij,jk->ik", ones(2, 3), ones(3, 4)).shape // [2, 4]
 */
export function einsum(equation: string, ...operands: (Tensor | readonly Tensor[])[]): Tensor;
export function einsum(...operandsAndSublists: (Tensor | Sublist)[]): Tensor;
export function einsum(...args: (string | Tensor | readonly Tensor[] | Sublist)[]): Tensor {
  const [first, ...rest] = args;
  const listed = rest.flat() as Tensor[];
  if (args.length < 2 || (typeof first === "string" && listed.length === 0)) {
    throw fail(
      "must specify the equation string and at least one operand, or at least one operand and its subscripts list",
    );
  }
  const { operands, inputs, output } =
    typeof first === "string" ? { operands: listed, ...read(first, listed) } : readSublists(args);
  for (const t of operands)
    if (!(t instanceof TensorBase)) throw new TypeError(`einsum(): operands must be Tensors, got ${typeof t}`);
  const all = operands.map((t, i) => label(t, inputs[i], i));
  const wanted = order(inputs, output, all);
  checkSizes(all);
  let node: string | number = 0;
  const result = all.reduce((x, y, i) => {
    const kept = (l: string): boolean => wanted.includes(l) || all.slice(i + 1).some((z) => z.labels.includes(l));
    node = [...x.labels, ...y.labels].every(kept) ? "MulBackward0" : "ViewBackward0";
    return contract(x, y, kept);
  });
  const { t, labels } = without(result, (l) => !wanted.includes(l));
  if (all.length === 1 && labels.length < result.labels.length) node = "SumBackward1";
  return renamed(t.permute(wanted.map((l) => labels.indexOf(l))), node);
}
