import { beforeAll, describe, expect, it } from "vitest";
import { compileKernels, targets } from "./compile.ts";
import { accepts, call, draw, type Exports, Memory, type Op, type Operand, random } from "./elementwise.harness.ts";
import { ops } from "./elementwise.ops.ts";
import { specialOps } from "./elementwise.special.ts";

const sizes = [0, 1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 300];

/** Strides of up to three inputs and of the output. */
const layouts: { name: string; inputs: number[]; output: number }[] = [
  { name: "contiguous", inputs: [1, 1, 1], output: 1 },
  { name: "strided", inputs: [2, 3, 5], output: 2 },
  { name: "strided inputs", inputs: [3, 2, 2], output: 1 },
  { name: "strided output", inputs: [1, 1, 1], output: 3 },
  { name: "negative strides", inputs: [-1, -2, 1], output: -3 },
  { name: "first input broadcast", inputs: [0, 1, 1], output: 1 },
  { name: "second input broadcast", inputs: [1, 0, 1], output: 1 },
  { name: "third input broadcast", inputs: [1, 1, 0], output: 1 },
  { name: "all inputs broadcast", inputs: [0, 0, 0], output: 2 },
];

const title = ({ name, inputs, scalars }: Op): string => `${name} (${[...inputs, ...(scalars ?? [])].join(", ")})`;

describe.each(targets)("elementwise kernels, %s build", (target) => {
  let kernels: Exports;
  let memory: Memory;

  beforeAll(async () => {
    kernels = await compileKernels<Exports>("elementwise.entry.ts", target);
    memory = new Memory(kernels);
  }, 120_000);

  /** The values of single-element calls: the shortest path through a kernel, and the yardstick for all others. */
  function oneByOne(op: Op, values: number[][], n: number): number[] {
    return memory.temporarily(() => {
      const inputs = values.map((v, i) => memory.write(op.inputs[i], memory.allocate(op.inputs[i], n, 1), v));
      const out = memory.allocate(op.output, 1, 1);
      return Array.from({ length: n }, (_, i) => {
        const element = inputs.map(({ at }, k) => ({ at: at + i * (op.inputs[k] === "b" ? 1 : 4), stride: 0 }));
        call(kernels[op.name], op, element, out, 1);
        return memory.read(op.output, out, 1)[0];
      });
    });
  }

  /** Runs the op, and checks that it wrote its output and nothing else. */
  function run(op: Op, inputs: Operand[], out: Operand, n: number): number[] {
    const before = memory.snapshot();
    call(kernels[op.name], op, inputs, out, n);
    expect(memory.strayWrites(before, op.output, out, n)).toEqual([]);
    return memory.read(op.output, out, n);
  }

  describe.each([...ops, ...specialOps].map((op): [string, Op] => [title(op), op]))("%s", (_, op) => {
    it("computes what it says, for ordinary and special values", () => {
      const next = random(7);
      const n = 3000;
      const values = Array.from(op.inputs, (type, i) => draw(type, n, next, op.from?.[i]));
      const result = oneByOne(op, values, n);
      const wrong = result.flatMap((actual, i) => {
        const x = values.map((v) => v[i]);
        const exact = op.of(...x);
        return accepts(op, actual, exact) ? [] : [{ x, actual, exact }];
      });
      expect(wrong.slice(0, 5)).toEqual([]);
    });

    it.each(layouts.filter((l) => op.inputs.length > 1 || !/second|third/.test(l.name)))(
      "$name: every size",
      (layout) => {
        for (const n of sizes) {
          memory.temporarily(() => {
            memory.mark();
            const next = random(n + 1);
            const values = Array.from(op.inputs, (type, i) => {
              const drawn = draw(type, n, next, op.from?.[i]);
              return layout.inputs[i] === 0 ? drawn.fill(drawn[0]) : drawn;
            });
            const expected = oneByOne(op, values, n);
            const inputs = values.map((v, i) => {
              const type = op.inputs[i];
              const stride = layout.inputs[i];
              return memory.write(type, memory.allocate(type, stride ? n : 1, stride), stride ? v : v.slice(0, 1));
            });
            const out = memory.allocate(op.output, n, layout.output);
            expect(run(op, inputs, out, n), `n = ${n}`).toEqual(expected);
          });
        }
      },
    );

    const inPlace = Array.from(op.inputs, (type, i) => ({ type, i })).filter(({ type }) => type === op.output);
    it.runIf(inPlace.length > 0)("in place, contiguous and strided", () => {
      for (const n of sizes) {
        for (const { i } of inPlace) {
          for (const stride of [1, 2, -1]) {
            memory.temporarily(() => {
              memory.mark();
              const next = random(n + 2);
              const values = Array.from(op.inputs, (type, k) => draw(type, n, next, op.from?.[k]));
              const expected = oneByOne(op, values, n);
              const inputs = values.map((v, k) => {
                const type = op.inputs[k];
                return memory.write(type, memory.allocate(type, n, k === i ? stride : 1), v);
              });
              expect(run(op, inputs, inputs[i], n), `n = ${n}, stride ${stride}`).toEqual(expected);
            });
          }
        }
      }
    });
  });

  it("f32_acc adds to what is there, at any stride", () => {
    for (const n of sizes) {
      for (const [from, to] of [
        [1, 1],
        [3, 1],
        [1, 2],
        [-1, -2],
        [0, 1],
      ]) {
        memory.temporarily(() => {
          memory.mark();
          const next = random(n);
          const added = draw("f", n, next);
          if (from === 0) added.fill(added[0]);
          const sum = draw("f", n, next);
          const a = memory.write("f", memory.allocate("f", n, from), added);
          const o = memory.write("f", memory.allocate("f", n, to), sum);
          const before = memory.snapshot();
          kernels.f32_acc(a.at, a.stride, o.at, o.stride, n);
          expect(memory.strayWrites(before, "f", o, n)).toEqual([]);
          expect(memory.read("f", o, n)).toEqual(sum.map((x, i) => Math.fround(x + added[i])));
        });
      }
    }
  });

  it("fill32 and fill8 write every element and nothing else", () => {
    for (const n of sizes) {
      for (const stride of [1, 2, -3]) {
        memory.temporarily(() => {
          memory.mark();
          const words = memory.allocate("i", n, stride);
          const bytes = memory.allocate("b", n, stride);
          const before = memory.snapshot();
          kernels.fill32(words.at, stride, n, 0x12345678);
          expect(memory.strayWrites(before, "i", words, n)).toEqual([]);
          expect(memory.read("i", words, n)).toEqual(Array(n).fill(0x12345678));
          const between = memory.snapshot();
          kernels.fill8(bytes.at, stride, n, 1);
          expect(memory.strayWrites(between, "b", bytes, n)).toEqual([]);
          expect(memory.read("b", bytes, n)).toEqual(Array(n).fill(1));
        });
      }
    }
  });

  it("i32_any_zero finds a zero divisor, and no other", () => {
    memory.temporarily(() => {
      const a = memory.write("i", memory.allocate("i", 5, 2), [3, -1, 7, 0, 2]);
      expect(kernels.i32_any_zero(a.at, 2, 3)).toBe(0);
      expect(kernels.i32_any_zero(a.at, 2, 4)).toBe(1);
      expect(kernels.i32_any_zero(a.at, 2, 0)).toBe(0);
    });
  });
});
