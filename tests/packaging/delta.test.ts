import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyDelta } from "../../bindings/core/delta.ts";
import { makeDelta } from "../../scripts/delta.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

describe("a delta between two builds", () => {
  it("gives back the target, whatever the two have in common", () => {
    const cut = fc.tuple(fc.nat(300), fc.nat(300), fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(bytes, fc.array(cut, { maxLength: 8 }), (base, cuts) => {
        const target = Uint8Array.from(cuts.flatMap(([from, to, between]) => [...base.slice(from, to), ...between]));
        expect(applyDelta(base, makeDelta(base, target), target.length)).toEqual(target);
      }),
    );
  });

  it("gives back an unrelated target", () => {
    fc.assert(
      fc.property(bytes, bytes, (base, target) => {
        expect(applyDelta(base, makeDelta(base, target), target.length)).toEqual(target);
      }),
    );
  });

  it("spends a few bytes on a small difference in the middle and on blocks that changed places", () => {
    const base = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i) >> 3);
    const patched = base.slice();
    patched.set([1, 2, 3], 10_000);
    const swapped = Uint8Array.from([...base.subarray(9_000), ...base.subarray(0, 9_000)]);
    for (const target of [base, patched, swapped]) {
      const delta = makeDelta(base, target);
      expect(applyDelta(base, delta, target.length)).toEqual(target);
      expect(delta.length).toBeLessThan(24);
    }
  });

  it("copies over long distances, in both directions", () => {
    const base = new Uint8Array(1 << 21).fill(7);
    base.set([9, 8, 7, 6, 5, 4, 3, 2, 1], base.length - 9);
    base.set([1, 2, 3, 4, 5, 6, 7, 8, 9], 0);
    const target = Uint8Array.from([...base.subarray(-9), ...base.subarray(0, 9)]);
    expect(applyDelta(base, makeDelta(base, target), target.length)).toEqual(target);
  });
});
