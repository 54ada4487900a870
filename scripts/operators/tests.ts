/** Which test file says most about an operator. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../paths.ts";
import { camelCase } from "./tiers.ts";

const files = readdirSync(join(root, "tests"), { recursive: true, encoding: "utf8" })
  .map((name) => posix.join("tests", name.replaceAll("\\", "/")))
  .filter((name) => name.endsWith(".test.ts") && !/^tests\/(kernels|runtimes|packaging|docs|structure)\//.test(name))
  .sort();

/** Every identifier of a test file and of the data that it reads, with how often it is there. */
const words = new Map(files.map((file) => [file, countWords(withData(readFileSync(join(root, file), "utf8")))]));

function withData(text: string): string {
  const data = [...text.matchAll(/[\w/]+\.json\b/g)].map(([name]) =>
    join(root, "tests/data", name.replace(/^.*data\//, "")),
  );
  const names = data.filter(existsSync).flatMap((path) => readFileSync(path, "utf8").match(/"[a-z_]\w*"/gi) ?? []);
  return text + names.map(camelCase).join(" ");
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/\b[A-Za-z]\w*\b/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The file with the name of the source if it mentions the operator, otherwise the one that does so most; null if none. */
export function testOf(names: readonly string[], source: string): string | null {
  const mentions = (file: string): number => names.reduce((sum, name) => sum + (words.get(file)?.get(name) ?? 0), 0);
  const namesake = files.find((file) => posix.basename(file, ".test.ts") === posix.basename(source, ".ts"));
  if (namesake && mentions(namesake) > 0) return namesake;
  const [best] = [...files].sort((a, b) => mentions(b) - mentions(a));
  return mentions(best) > 0 ? best : null;
}
