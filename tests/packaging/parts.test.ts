/** The library in parts, as Node loads it: scripts/parts.ts. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const BUILD = fileURLToPath(new URL("../../build/", import.meta.url));

/** What a program prints as JSON that has the library in parts as `parts` and the one file as `whole`. */
function run(program: string): unknown {
  const text = `
    import { createRequire } from "node:module";
    import * as parts from ${JSON.stringify(`${BUILD}node/index.js`)};
    const { cache } = createRequire(import.meta.url);
    const loaded = () => Object.keys(cache).map((path) => path.match(/(\\w+)\\.cjs$/)[1]).sort();
    const show = (value) => console.log(JSON.stringify(value));
    ${program}`;
  const args = ["--input-type=module", "--eval", text];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", stdio: "pipe" }));
}

describe("the library in parts", () => {
  it("has the names of the library in one file, and things of the same kind behind them", () => {
    const differences = run(`
      const whole = await import(${JSON.stringify(`${BUILD}index.js`)});
      const isNamespace = (value) => Object.prototype.toString.call(value) === "[object Module]";
      const describe = (value, path, lines) => {
        for (const name of Object.keys(value).sort()) {
          lines.push(path + name + " " + typeof value[name]);
          if (isNamespace(value[name])) describe(value[name], path + name + ".", lines);
        }
        return lines;
      };
      const [a, b] = [describe(whole, "", []), describe(parts, "", [])];
      show({ count: a.length, differences: [...a.filter((x) => !b.includes(x)), ...b.filter((x) => !a.includes(x))] });
    `) as { count: number; differences: string[] };
    expect(differences.differences).toEqual([]);
    expect(differences.count).toBeGreaterThan(900);
  });

  it("reads no part until something of it is called or looked at", () => {
    expect(
      run(`
        const { tensor, nn, optim } = parts;
        const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 3));
        const optimizer = new optim.Adam(model.parameters());
        nn.functional.crossEntropy(model(tensor([[1, 2]])), tensor([0], { dtype: "int32" })).backward();
        optimizer.step();
        const before = loaded();
        parts.linalg.inv(tensor([[2, 0], [0, 4]]));
        show({ before, after: loaded() });
      `),
    ).toEqual({ before: ["library", "network", "require"], after: ["library", "linalg", "network", "require"] });
  });

  it("has one class for one name, whoever asks for it first", () => {
    expect(
      run(`
        const { nn, linalg, tensor, Tensor, compile } = parts;
        const conv = new nn.Conv1d(1, 1, 1);
        show([
          conv instanceof nn.Module, nn.Conv1d === nn.Conv1d, conv.constructor === nn.Conv1d,
          linalg.svdvals(tensor([[3]])) instanceof Tensor, compile((x) => x.mul(2))(tensor(1)) instanceof Tensor,
        ]);
      `),
    ).toEqual([true, true, true, true, true]);
  });
});
