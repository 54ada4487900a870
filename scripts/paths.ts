import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, with a trailing separator. */
export const root: string = fileURLToPath(new URL("..", import.meta.url));
export const build: string = join(root, "build");

/** Whether all outputs exist and are younger than every input; an input may be a file or a folder. */
export function isFresh(outputs: readonly string[], inputs: readonly string[]): boolean {
  if (!outputs.every((path) => existsSync(path))) return false;
  const oldest = Math.min(...outputs.map(changed));
  return inputs.flatMap(withContents).every((path) => changed(path) < oldest);
}

function changed(path: string): number {
  return statSync(path).mtimeMs;
}

/** A folder itself counts too: it changes when a file in it is removed. */
function withContents(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name))];
}
