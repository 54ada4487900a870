/**
 * Runs PyTorch's own operator cases against the built library. They lie beside the repository, in ../shared/opinfo.
 *
 *     npm run opinfo                          all operators
 *     npm run opinfo -- --op mul --verbose    options go to the cases' runner
 *     npm run opinfo -- --update              writes down which operators the library has, and what of them is tested
 *
 * Whatever exists must pass all its tiers. An operator that the library does not have yet is passed over, unless
 * tests/opinfo.txt says that it was there before. docs/operators.md takes from that file what has a gradient.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTiers, TIERS_FILE } from "./operators/tiers.ts";
import { build, root } from "./paths.ts";

interface Report {
  readonly operators: Record<string, Record<string, { verdict: "pass" | "wrong" | "error" | "missing" }>>;
}

const RUNNER = join(root, "../shared/opinfo/run.mjs");

function runCases(options: readonly string[]): Report {
  const folder = mkdtempSync(join(tmpdir(), "opinfo-"));
  try {
    const json = join(folder, "report.json");
    const args = [RUNNER, "--lib", join(build, "node/index.js"), "--json", json, ...options];
    const { stdout } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "inherit"],
    });
    // The runner's own last line counts missing operators as failures; ours comes instead.
    console.log(stdout.replace(/^\d+ passed, \d+ failed\n/m, ""));
    return JSON.parse(readFileSync(json, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (!existsSync(RUNNER)) {
  console.log("The operator cases are not there: they belong into ../shared/opinfo, beside the repository.");
  process.exit(process.env.CI ? 1 : 0);
}

const update = process.argv.includes("--update");
const { operators } = runCases(process.argv.slice(2).filter((option) => option !== "--update"));
const present = Object.keys(operators).filter((name) => operators[name].forward.verdict !== "missing");
const known = readTiers();
const tested = new Map(present.map((name) => [name, Object.keys(operators[name])]));
const lost = [...known].flatMap(([name, tiers]) =>
  tiers.filter((tier) => name in operators && !tested.get(name)?.includes(tier)).map((tier) => `${name} ${tier}`),
);
const added = present.filter((name) => String(known.get(name)) !== String(tested.get(name)));

if (update) writeFileSync(TIERS_FILE, [...tested].map(([name, tiers]) => `${name} ${tiers.join(" ")}\n`).join(""));
else if (added.length > 0) console.log(`not in tests/opinfo.txt yet (--update adds them): ${added.join(", ")}`);
if (lost.length > 0) console.log(`gone: ${lost.join(", ")}`);

const verdicts = present.flatMap((name) => Object.values(operators[name]));
const passed = verdicts.filter(({ verdict }) => verdict === "pass").length;
const failed = verdicts.length - passed + lost.length;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
