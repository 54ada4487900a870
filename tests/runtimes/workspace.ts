/** Folders outside of the repository into which the packed tarball is installed, as a user would install it. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "../../scripts/pack.ts";
import { here, root, tools } from "./paths.ts";
import { portableFiles } from "./portable.ts";

const base: string = mkdtempSync(join(tmpdir(), "tapegrad-runtimes-"));
const tarball: string = pack(base).path;

export function removeWorkspace(): void {
  rmSync(base, { recursive: true, force: true });
}

/** A project that depends on nothing but the tarball. */
function newProject(name: string): string {
  const folder = join(base, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  execFileSync("npm", ["install", "--offline", "--no-package-lock", "--no-audit", "--no-fund", tarball], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return folder;
}

/** The small programs of consumer/, in a project of their own. */
export const consumer: string = newProject("consumer");
cpSync(join(here, "consumer"), consumer, { recursive: true });

const files: readonly string[] = await portableFiles();

/**
 * The test files that need neither Node nor the sources. Beside them lies a bindings/index.ts that says `library`, so that
 * what they import is the installed package.
 */
export function newSuite(name: string, library: string): string {
  const folder = newProject(name);
  for (const file of files) cpSync(join(root, file), join(folder, file));
  mkdirSync(join(folder, "bindings"));
  writeFileSync(join(folder, "bindings/index.ts"), library);
  for (const tool of ["vitest", "fast-check"]) symlinkSync(join(tools, tool), join(folder, "node_modules", tool));
  cpSync(join(here, "suite.config.ts"), join(folder, "vitest.config.ts"));
  cpSync(join(root, "scripts/summary.ts"), join(folder, "summary.ts"));
  return folder;
}

/** The suite on the default entry. */
export const suite: string = newSuite("suite", 'export * from "tapegrad";\n');
