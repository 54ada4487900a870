// tests/data/printing.json holds what PyTorch 1.13 prints; tests/data/printing.py made it.

import { afterEach, describe, expect, it } from "vitest";
import {
  formatTensor,
  getPrintoptions,
  type Printable,
  type PrintOptions,
  type PrintProfile,
  setPrintoptions,
} from "../../bindings/core/format.ts";
import printed from "../data/printing.json" with { type: "json" };

interface Case {
  data?: (number | string)[];
  /** Count, first, step. */
  range?: number[];
  shape: number[];
  dtype?: string;
  requiresGrad?: boolean;
  gradFn?: string;
  parameter?: boolean;
  options?: Partial<PrintOptions> & { profile?: PrintProfile };
  text: string;
}

const cases = printed as Case[];

function elementsOf({ data, range, dtype }: Case): ArrayLike<number> {
  if (range !== undefined) {
    const [count, first, step] = range;
    const values = Array.from({ length: count }, (_, index) => first + index * step);
    return dtype === "bool" ? values.map((value) => Number(value !== 0)) : values;
  }
  const values = (data ?? []).map((value) =>
    typeof value === "string" ? Number(value.replace("inf", "Infinity")) : value,
  );
  return dtype === undefined ? Float32Array.from(values) : values;
}

function printable(sample: Case): Printable {
  return {
    data: elementsOf(sample),
    shape: sample.shape,
    dtype: (sample.dtype ?? "float32") as Printable["dtype"],
    requiresGrad: sample.requiresGrad ?? false,
    gradFn: sample.gradFn ?? null,
    parameter: sample.parameter,
  };
}

const scalar = (value: number): Printable => ({
  data: [value],
  shape: [],
  dtype: "float32",
  requiresGrad: false,
  gradFn: null,
});

afterEach(() => setPrintoptions({ profile: "default" }));

describe("formatTensor prints what PyTorch prints", () => {
  it.each(cases.map((sample, index) => [index, sample.shape, sample] as const))(
    "case %i, shape %j",
    (_index, _shape, sample) => {
      if (sample.options) setPrintoptions(sample.options);
      expect(formatTensor(printable(sample))).toBe(sample.text);
    },
  );
});

describe("formatTensor", () => {
  it("reads only the elements it shows", () => {
    const read = new Set<number>();
    const text = formatTensor({
      data: (index) => {
        read.add(index);
        return index;
      },
      shape: [1000, 1000],
      dtype: "int32",
      requiresGrad: false,
      gradFn: null,
    });
    expect(read.size).toBe(36);
    expect(text.split("\n")).toHaveLength(8);
    expect(text).toContain("999999]],\n       dtype=torch.int32)");
  });

  it("prints dots alone without edge items", () => {
    setPrintoptions({ threshold: 3, edgeitems: 0 });
    expect(formatTensor({ ...scalar(0), data: [1, 2, 3, 4], shape: [4] })).toBe("tensor([...])");
    expect(formatTensor({ ...scalar(0), data: [1, 2, 3, 4], shape: [2, 2] })).toBe("tensor([...])");
  });

  it("takes typed arrays", () => {
    const data = new Float32Array([0.1, -2.5, 3.25]);
    expect(formatTensor({ ...scalar(0), data, shape: [3] })).toBe("tensor([ 0.1000, -2.5000,  3.2500])");
    expect(formatTensor({ ...scalar(0), data: new Uint8Array([1, 0]), shape: [2], dtype: "bool" })).toBe(
      "tensor([ True, False])",
    );
  });
});

describe("setPrintoptions", () => {
  it("keeps what is not given, but puts sciMode back to automatic", () => {
    setPrintoptions({ precision: 2, sciMode: true });
    expect(formatTensor(scalar(0.5))).toBe("tensor(5.00e-01)");
    setPrintoptions({ edgeitems: 2 });
    expect(formatTensor(scalar(0.5))).toBe("tensor(0.50)");
    expect(getPrintoptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80, sciMode: null });
  });

  it("gives back options that restore the state", () => {
    setPrintoptions({ profile: "short", sciMode: false });
    const before = getPrintoptions();
    setPrintoptions({ precision: 9 });
    setPrintoptions(before);
    expect(getPrintoptions()).toEqual(before);
  });

  it.each([
    [{ precision: 101 }, "precision 101"],
    [{ precision: -1 }, "precision -1"],
    [{ precision: Number.POSITIVE_INFINITY }, "precision Infinity"],
    [{ edgeitems: 1.5 }, "edgeitems 1.5"],
    [{ threshold: Number.NaN }, "threshold NaN"],
    [{ linewidth: 0 }, "linewidth 0"],
    [{ profile: "toString" as PrintProfile }, 'profile "toString"'],
  ])("refuses %o and changes nothing", (changes, message) => {
    const before = getPrintoptions();
    expect(() => setPrintoptions({ edgeitems: 7, ...changes })).toThrow(message);
    expect(getPrintoptions()).toEqual(before);
  });
});
