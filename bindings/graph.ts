/**
 * Drawing the graph behind tensors, in the languages of Graphviz and Mermaid, as torchviz does for PyTorch: operations with
 * the shape of what came out of them, leaves with their names, arrows in the direction of the forward calls.
 */

import { shapeOfRecord } from "./autograd/node.ts";
import { describeNode, type Source, sourceOf, sourcesBehind, sourcesOfNode } from "./autograd/traverse.ts";
import { TensorBase } from "./core/base.ts";
import { whilePinned } from "./core/dispatch.ts";
import { address } from "./core/generation.ts";
import type { Tensor } from "./tensor.ts";

/** Names for leaves: a module, whose parameters have them, or tensors by name. */
export type LeafNames =
  | { namedParameters(): Iterable<readonly [string, Tensor]> }
  | Readonly<Record<string, Tensor>>
  | Iterable<readonly [string, Tensor]>;

type Kind = "result" | "operation" | "leaf" | "freed";

interface Box {
  readonly id: string;
  readonly kind: Kind;
  readonly lines: readonly string[];
}

interface Drawing {
  readonly boxes: readonly Box[];
  /** Ids, and which output it is, if the operation has several. */
  readonly arrows: readonly { from: string; to: string; output: number | null }[];
}

function namesOf(names: LeafNames | null | undefined): Map<number, string> {
  const found = new Map<number, string>();
  if (!names) return found;
  const isModule = "namedParameters" in names && typeof names.namedParameters === "function";
  const entries: Iterable<readonly [string, Tensor]> = isModule
    ? names.namedParameters()
    : Symbol.iterator in names
      ? (names as Iterable<readonly [string, Tensor]>)
      : Object.entries(names as Record<string, Tensor>);
  for (const [name, t] of entries) if (t instanceof TensorBase) found.set(address(t), name);
  return found;
}

function shapeText(shape: readonly number[]): string {
  return `(${shape.join(", ")})`;
}

function boxOf(source: Source, id: string, names: ReadonlyMap<number, string>): Box {
  if (source.kind === "freed") return { id, kind: "freed", lines: ["freed"] };
  if (source.kind === "leaf") {
    const name = names.get(source.id);
    const shape = shapeText(shapeOfRecord(source.id));
    return { id, kind: "leaf", lines: name === undefined ? [shape] : [name, shape] };
  }
  const { name, shapes } = describeNode(source.id);
  return { id, kind: "operation", lines: [name, shapes.map(shapeText).join(" ")] };
}

function draw(tensors: readonly Tensor[], names: LeafNames | null | undefined): Drawing {
  return whilePinned(() => {
    const known = namesOf(names);
    const sources = sourcesBehind(tensors);
    const ids = new Map(sources.map((source, i) => [source.id, `n${i}`]));
    const several = (source: Source): number | null =>
      source.kind === "node" && describeNode(source.id).shapes.length > 1 ? source.output : null;
    const arrow = (source: Source, to: string) => ({ from: ids.get(source.id) as string, to, output: several(source) });
    const results = tensors.map(
      (t, i): Box => ({ id: `r${i}`, kind: "result", lines: ["result", shapeText(t.shape)] }),
    );
    const ends = tensors.flatMap((t, i) => {
      const source = sourceOf(t);
      return source ? [arrow(source, `r${i}`)] : [];
    });
    const inner = sources.flatMap((source) => {
      if (source.kind !== "node") return [];
      return sourcesOfNode(source.id).flatMap((input) => (input ? [arrow(input, ids.get(source.id) as string)] : []));
    });
    return {
      boxes: [...results, ...sources.map((source) => boxOf(source, ids.get(source.id) as string, known))],
      arrows: [...ends, ...inner],
    };
  });
}

function listOf(tensors: Tensor | readonly Tensor[], caller: string): readonly Tensor[] {
  const list = Array.isArray(tensors) ? tensors : [tensors];
  for (const t of list) {
    if (!(t instanceof TensorBase))
      throw new TypeError(`${caller}: expected a Tensor or an array of Tensors, got ${typeof t}`);
  }
  return list;
}

const DOT_STYLE: Record<Kind, string> = {
  result: "fillcolor=darkolivegreen1",
  operation: "fillcolor=lightgray",
  leaf: "fillcolor=lightblue",
  freed: "fillcolor=white, style=dashed",
};

/**
 * The graph behind one or several tensors as text for Graphviz.
 * @param names a module, or tensors by name, for the leaves
 * @throws {TypeError} what is no tensor
 * @see torchviz make_dot
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * toDot(w.mul(2).sum(), { w });
 */
export function toDot(tensors: Tensor | readonly Tensor[], names?: LeafNames | null): string {
  const { boxes, arrows } = draw(listOf(tensors, "toDot"), names);
  const text = (line: string): string => line.replace(/[\\"]/g, "\\$&");
  const lines = [
    "digraph {",
    "  node [shape=box, style=filled, fontname=monospace, fontsize=10]",
    ...boxes.map(
      ({ id, kind, lines: label }) => `  ${id} [label="${label.map(text).join("\\n")}", ${DOT_STYLE[kind]}]`,
    ),
    ...arrows.map(({ from, to, output }) => `  ${from} -> ${to}${output === null ? "" : ` [label="${output}"]`}`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

const MERMAID_STYLE: Record<Kind, string> = {
  result: "fill:#caff70,stroke:#555",
  operation: "fill:#d3d3d3,stroke:#555",
  leaf: "fill:#add8e6,stroke:#555",
  freed: "fill:#fff,stroke:#555,stroke-dasharray:4",
};

/**
 * The graph behind one or several tensors as text for Mermaid, which Markdown viewers draw.
 * @param names a module, or tensors by name, for the leaves
 * @throws {TypeError} what is no tensor
 * @example
 * const model = new nn.Linear(2, 1);
 * toMermaid(model(tensor([[1, 2]])), model);
 */
export function toMermaid(tensors: Tensor | readonly Tensor[], names?: LeafNames | null): string {
  const { boxes, arrows } = draw(listOf(tensors, "toMermaid"), names);
  const text = (line: string): string => line.replace(/[#"<>&]/g, (c) => `#${c.charCodeAt(0)};`);
  const kinds = [...new Set(boxes.map(({ kind }) => kind))];
  const lines = [
    "flowchart TD",
    ...boxes.map(({ id, kind, lines: label }) => `  ${id}["${label.map(text).join("<br/>")}"]:::${kind}`),
    ...arrows.map(({ from, to, output }) => `  ${from} -->${output === null ? "" : `|${output}|`} ${to}`),
    ...kinds.map((kind) => `  classDef ${kind} ${MERMAID_STYLE[kind]}`),
  ];
  return `${lines.join("\n")}\n`;
}
