/** Drawings of graphs. */
import { describe, expect, it } from "vitest";
import { external } from "../../bindings/autograd/external.ts";
import { memory, nn, noGrad, ones, type Tensor, tensor, toDot, toMermaid } from "../../bindings/index.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("toDot", () => {
  it("draws operations with shapes, named leaves and the result", () => {
    const w = leaf(1, 2);
    const x = tensor([3, 4]);
    expect(toDot(w.mul(x).sum(), { w })).toBe(`digraph {
  node [shape=box, style=filled, fontname=monospace, fontsize=10]
  r0 [label="result\\n()", fillcolor=darkolivegreen1]
  n0 [label="SumBackward0\\n()", fillcolor=lightgray]
  n1 [label="MulBackward0\\n(2)", fillcolor=lightgray]
  n2 [label="w\\n(2)", fillcolor=lightblue]
  n0 -> r0
  n1 -> n0
  n2 -> n1
}
`);
  });

  it("draws each node once, and each edge", () => {
    const x = leaf(1);
    const y = x.exp();
    const dot = toDot(y.mul(y).add(x));
    expect(dot.match(/ExpBackward0/g)).toHaveLength(1);
    expect(dot.match(/n\d+ -> n\d+/g)).toHaveLength(5);
  });

  it("numbers the outputs of a node that has several", () => {
    const x = leaf(1, 2);
    const [a, b] = noGrad(() => [x.mul(2), x.sum()]);
    external("PairBackward0", [x], [a, b], () => [null], []);
    const dot = toDot([b, a]);
    expect(dot).toContain('[label="PairBackward0\\n(2) ()"');
    expect(dot).toContain('-> r0 [label="1"]');
    expect(dot).toContain('-> r1 [label="0"]');
  });

  it("escapes names", () => {
    const x = leaf(1);
    expect(toDot(x.mul(2), { 'a"b\\': x })).toContain('label="a\\"b\\\\\\n(1)"');
  });

  it("refuses what is no tensor", () => {
    expect(() => toDot([5 as unknown as Tensor])).toThrow(TypeError);
    expect(() => toMermaid("x" as unknown as Tensor)).toThrow(TypeError);
  });
});

describe("toMermaid", () => {
  it("names the parameters of a module", () => {
    const model = new nn.Linear(2, 1);
    const text = toMermaid(model(ones([3, 2])).sum(), model);
    expect(text.startsWith("flowchart TD\n")).toBe(true);
    expect(text).toContain('["weight<br/>(1, 2)"]:::leaf');
    expect(text).toContain('["bias<br/>(1)"]:::leaf');
    expect(text).toContain('["AddmmBackward0<br/>(3, 1)"]:::operation');
    expect(text).toContain("classDef leaf ");
    expect(text).not.toContain("classDef freed");
  });

  it("draws constants and leaves by themselves", () => {
    expect(toMermaid(tensor([1, 2]))).toBe(
      'flowchart TD\n  r0["result<br/>(2)"]:::result\n  classDef result fill:#caff70,stroke:#555\n',
    );
    expect(toMermaid(leaf(1))).toContain("n0 --> r0");
  });

  it("takes names as pairs, and escapes them", () => {
    const x = leaf(1);
    expect(toMermaid(x.mul(2), [["a<b>", x]])).toContain('["a#60;b#62;<br/>(1)"]');
  });

  it("leaves the graph as it was, wherever it is", () => {
    const x = leaf(2);
    const y = x.mul(x);
    memory.collect();
    const text = toMermaid(y, { x });
    expect(toMermaid(y, { x })).toBe(text);
    y.backward();
    expect(x.grad?.item()).toBe(4);
  });
});
