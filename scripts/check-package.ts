/** Checks the package as it would be published, with the tools of tests/runtimes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { slimEntries } from "./bundle.ts";
import { pack } from "./pack.ts";
import { build, root } from "./paths.ts";

const TOOLS = join(root, "tests/runtimes/node_modules");

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(TOOLS, program), ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
}

function readJson(file: string): { version: string; exports: unknown; devDependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}

/** Every file that package.json names as an entry; `*` stands for the names of the slim entries. */
function entries(exports: unknown): string[] {
  if (typeof exports === "string") {
    const path = exports.replace("./", "");
    return path.includes("*") ? Object.keys(slimEntries).map((entry) => path.replace("*", entry)) : [path];
  }
  return Object.values(exports as object).flatMap(entries);
}

const folder = mkdtempSync(join(tmpdir(), "tapegrad-package-"));
const packed = pack(folder);
const manifest = readJson("package.json");

const CHECKS: Record<string, () => void> = {
  "the tarball holds every entry, its licences, and nothing but build outputs"() {
    const expected = [...entries(manifest.exports), "README.md", "LICENSE", "THIRD_PARTY_NOTICES.md"];
    const missing = expected.filter((file) => !packed.files.includes(file));
    if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}`);
    const strange = packed.files.filter((file) => !file.startsWith("build/") && !expected.includes(file));
    if (strange.length > 0) throw new Error(`not expected: ${strange.join(", ")}`);
  },
  "scripts import nothing but one another and the core, and Node's file system"() {
    for (const file of packed.files.filter((name) => /(?<!\.d)\.c?[jt]s$/.test(name))) {
      const text = readFileSync(join(root, file), "utf8");
      const from = [...text.matchAll(/(?:^|[;\n}])\s*(?:import|export)\b[^;("']*["']([^"'\n]+)["']|\bimport\((.*)/g)];
      const required = text.matchAll(/\brequire\(["'`]([^"'`\n]+)["'`]\)/g);
      for (const [statement, specifier = ""] of [...from, ...required]) {
        if (file.endsWith(".cjs") && specifier === "node:fs") continue;
        const target = posix.join(posix.dirname(file), specifier.replace(/\?module$/, ""));
        if (!specifier.startsWith(".") || !packed.files.includes(target))
          throw new Error(`${file}: ${statement.trim()}`);
      }
    }
  },
  "the core imports one function, of the bindings"() {
    for (const name of ["core.simd.wasm", "core.relaxed.wasm"]) {
      const imports = importsOf(readFileSync(join(build, name)));
      // A vector of one: module, name, and a function (0) of some type.
      if (imports.slice(0, -1) !== "\x01\x03env\x0bbeforeWrite\x00")
        throw new Error(`${name} imports ${JSON.stringify(imports)}`);
    }
  },
  "deno.json agrees with package.json"() {
    const deno = readFileSync(join(root, "deno.json"), "utf8");
    const loader = manifest.devDependencies["@assemblyscript/loader"];
    for (const text of [`"version": "${manifest.version}"`, `@assemblyscript/loader@${loader}"`]) {
      if (!deno.includes(text)) throw new Error(`deno.json lacks ${text}`);
    }
  },
  publint: () => run("publint/src/cli.js", ["run", packed.path, "--strict"]),
  attw: () =>
    run("@arethetypeswrong/cli/dist/index.js", [
      packed.path,
      ...["--profile", "esm-only", "--exclude-entrypoints", "core.simd.wasm", "core.relaxed.wasm", "--no-color"],
    ]),
  "deno publish": () => run("deno/bin.cjs", ["publish", "--dry-run", "--allow-dirty"]),
};

/** The import section (number 2) of a wasm binary, without compiling it: Node 20 refuses the relaxed build. */
function importsOf(wasm: Uint8Array): string {
  let at = 8;
  while (at < wasm.length) {
    const id = wasm[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (id === 2) return Buffer.from(wasm.subarray(at, at + size)).toString("latin1");
    at += size;
  }
  return "";
}

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  try {
    check();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`failed  ${name}\n${(error as Error).message}`);
  }
}
rmSync(folder, { recursive: true });
console.log(`${Object.keys(CHECKS).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
