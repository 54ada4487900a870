import { beforeAll, describe, expect, it } from "vitest";
import { compileKernels, targets } from "./compile.ts";
import { accepts, call, type Exports, Memory, type Op, random, ulps } from "./elementwise.harness.ts";
import { ops, transcendental } from "./elementwise.ops.ts";
import { specialFunctions, specialOps } from "./elementwise.special.ts";

/** Bit patterns a prime apart: 215,000 floats, all exponents alike, a different place of the mantissa every time. */
const STEP = 19_997;

describe.each(targets)("accuracy of elementwise kernels, %s build", (target) => {
  let kernels: Exports;
  let memory: Memory;

  beforeAll(async () => {
    kernels = await compileKernels<Exports>("elementwise.entry.ts", target);
    memory = new Memory(kernels);
  }, 120_000);

  function evaluate(op: Op, x: Float32Array): Float32Array {
    return memory.temporarily(() => {
      const input = memory.allocate("f", x.length, 1);
      const out = memory.allocate("f", x.length, 1);
      new Float32Array(kernels.memory.buffer, input.at, x.length).set(x);
      call(kernels[op.name], op, [input], out, x.length);
      return new Float32Array(kernels.memory.buffer, out.at, x.length).slice();
    });
  }

  describe.each([...transcendental, ...specialFunctions].map((op): [string, Op] => [op.name, op]))("%s", (_, op) => {
    it(`is within ${op.ulp} ULP over all floats`, () => {
      const bits = Uint32Array.from({ length: Math.floor(2 ** 32 / STEP) }, (_, i) => i * STEP);
      const x = new Float32Array(bits.buffer);
      const y = evaluate(op, x);
      let worst = { ulp: 0, x: 0, actual: 0, exact: 0 };
      for (let i = 0; i < x.length; i++) {
        const exact = op.of(x[i]);
        const ulp = ulps(y[i], exact);
        if (ulp > worst.ulp && !accepts(op, y[i], exact)) worst = { ulp, x: x[i], actual: y[i], exact };
      }
      expect(worst).toEqual({ ulp: 0, x: 0, actual: 0, exact: 0 });
    });

    it("gives the same bits whatever else is in the block", () => {
      const next = random(11);
      const x = Float32Array.from({ length: 256 }, () => (next() - (op.name === "f32_log" ? 0 : 0.5)) * 40);
      const alone = evaluate(op, x);
      for (const stranger of [Number.NaN, Infinity, -1e30, 1e-40, 120]) {
        const y = evaluate(
          op,
          Float32Array.from(x, (value, i) => (i === 100 ? stranger : value)),
        );
        y[100] = alone[100];
        expect(y).toEqual(alone);
      }
    });
  });

  it("decides for a block of near-limit arguments as for a single one", () => {
    const limits = [1, 3, 9, 10, 13, 39, 87, 88, 89, 104, 1024, 1048576, 1.1754944e-38, 3.4028235e38];
    const around = limits.flatMap((x) => [x * 0.97, x * 0.999, x, x * 1.001, x * 1.03]).flatMap((x) => [x, -x]);
    for (const op of [...transcendental, ...specialFunctions]) {
      for (const x of around) {
        const alone = evaluate(op, Float32Array.of(x))[0];
        expect(evaluate(op, new Float32Array(8).fill(x)), `${op.name} at ${x}`).toEqual(
          new Float32Array(8).fill(alone),
        );
      }
    }
  });

  it("reads nothing beyond its operands, even at the end of memory", () => {
    const end = kernels.memory.buffer.byteLength;
    const width = (type: string): number => (type === "b" ? 1 : 4);
    for (const op of [...ops, ...specialOps]) {
      for (const n of [1, 2, 3, 5, 7, 17, 257]) {
        memory.temporarily(() => {
          for (let k = 0; k <= op.inputs.length; k++) {
            const place = (type: string, i: number) =>
              i === k ? { at: end - n * width(type), stride: 1 } : memory.allocate(type, n, 1);
            const inputs = Array.from(op.inputs, place);
            call(kernels[op.name], op, inputs, place(op.output, op.inputs.length), n);
          }
        });
      }
    }
  });
});
