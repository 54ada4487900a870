import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./paths.ts";

export interface Packed {
  /** The tarball. */
  readonly path: string;
  /** The paths inside it. */
  readonly files: readonly string[];
}

/** Packs what build/ holds now, as `npm publish` would. */
export function pack(destination: string): Packed {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination];
  const [report] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" })) as [
    { filename: string; files: { path: string }[] },
  ];
  return { path: join(destination, report.filename), files: report.files.map(({ path }) => path) };
}
