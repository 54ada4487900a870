/**
 * The library in parts, for Node: what most programs use is read at once, each other part when the first of its functions is
 * called. Half of the time that the import takes is parsing, and Node can load CommonJS modules synchronously, in the middle
 * of a call; browsers cannot.
 *
 * Everything else sees a part's functions as stubs, which load it and call the function of their name, and in namespaces, such as
 * `nn.LSTM`, as properties that load it when they are read. Nothing else of a part can be seen: the build fails if a file
 * outside imports a class or a value.
 */
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "rolldown";
import { exported } from "./api/public.ts";
import { type Declaration, sourceAt } from "./api/source.ts";
import { root } from "./paths.ts";

const SOURCES = join(root, "bindings/");
const STUBS = "\0stubs:";
const NAMESPACE = "\0namespace:";
const PART = "\0part:";
const LOADER = "\0loader";

/** The parts, by the paths of their files below bindings/; the first that matches holds a file. */
export const PARTS: Readonly<Record<string, RegExp>> = {
  // What a small network needs beside Linear: activations, and draws for its parameters.
  network: /^(nn\/functional\/activations|nn\/modules\/(activations|rectifiers)|ops\/(activation|sampling))\.ts/,
  // Printing, and what is wrong.
  text: /^core\/(format|messages)/,
  linalg: /^linalg\//,
  nn: except("nn", [
    ...[
      "backward-hooks",
      "callable",
      "functional/(dropout|entropy|index|loss|reduction)",
      "gradients",
      "hooks",
      "index",
      "init",
    ],
    ...["intermediate", "members", "module", "modules/(activation|dropout|linear|loss|pairs|repr|sequential|start)"],
    ...["parameter", "print", "state", "utils/index"],
  ]),
  optim: except("optim", [
    "adam",
    "adamw",
    "fused",
    "gradient",
    "index",
    "lr-scheduler/index",
    "optimizer",
    "sgd",
    "stepwise",
  ]),
  compile: /^compile\//,
  ops: files("ops", [
    ...["addmm", "advanced", "bitwise", "calculus", "count", "diagonal", "distance", "einsum", "histogram"],
    ...["index-write", "mask", "mesh", "norms", "pad", "pixel", "products", "rearrange", "scan", "scatter"],
    ...["scatter-reduce", "search", "segment", "split", "special/(airy|bessel|entropy|gamma|polynomial)", "statistics"],
    ...["triangle", "unique"],
  ]),
  tools:
    /^(autograd\/(checkpoint|function|functional|gradcheck|graph-tools)\.ts|core\/(shareable|threads|worker)\.ts|data\/|func\/(?!index)|graph\.ts|masked\/(?!index)|profiler\/(?!index))/,
};

function files(folder: string, names: readonly string[]): RegExp {
  return new RegExp(`^${folder}/(${names.join("|")})\\.ts`);
}

/** The files of a folder but for some. */
function except(folder: string, names: readonly string[]): RegExp {
  return new RegExp(`^${folder}/(?!(${names.join("|")})\\.ts)`);
}

/** The part that a file is in. */
export function partOf(path: string): string | undefined {
  if (path.startsWith(PART)) return path.slice(PART.length);
  if (!path.startsWith(SOURCES)) return undefined;
  const file = relative(SOURCES, path);
  return Object.keys(PARTS).find((part) => PARTS[part].test(file));
}

/** The entry that holds a part. */
export const partEntry = (part: string): string => PART + part;

type Names = Record<string, unknown>;

/** What a file exports: types are not among it. */
const load = (path: string): Promise<Names> => import(pathToFileURL(path).href);

/** The names that a file declares: what it passes on is another file's, maybe one of another part that is not ready yet. */
function declared(path: string): readonly string[] {
  const { exports } = sourceAt(relative(root, path));
  return [...new Set(exports.flatMap(({ as, from, typeOnly }) => (from || typeOnly ? [] : [as])))];
}

/** A class cannot be called in another's place, and must be there when one extends it. */
const isPlainFunction = (value: unknown): boolean =>
  typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value));

const quoted = JSON.stringify;

/** All names of all files of a part, as its entry calls them: two files may have one name for two things. */
class Part {
  private readonly names = new Map<string, string>();
  private readonly lines: string[] = [];

  static of(name: string, sources: readonly string[]): Part {
    const part = new Part();
    const taken = new Set<string>();
    for (const path of sources.filter((each) => partOf(each) === name).sort()) {
      const items = declared(path).map((own) => {
        const unique = taken.has(own) ? `${own}${taken.size}` : own;
        taken.add(unique);
        part.names.set(`${path} ${own}`, unique);
        return `${own} as ${unique}`;
      });
      if (items.length > 0) part.lines.push(`export { ${items.join(", ")} } from ${quoted(path)};`);
    }
    return part;
  }

  get entry(): string {
    return this.lines.join("\n");
  }

  nameOf(path: string, name: string): string {
    const known = this.names.get(`${path} ${name}`);
    if (known === undefined) throw new Error(`${path} exports no ${name}`);
    return known;
  }
}

/** How to get at a part, and what is seen of it. Tools that gather the files of a deployment look for `require("./file")`. */
const loader = (): string => `
export function stub(part, name) {
  let f;
  return (...a) => (f ??= part()[name])(...a);
}
export function namespace(names, ...parts) {
  for (const [part, lazy] of parts) {
    for (const pair of lazy.split(" ")) {
      const [name, there = name] = pair.split(":");
      let value;
      Object.defineProperty(names, name, { get: () => (value ??= part()[there]), enumerable: true });
    }
  }
  return Object.freeze(names);
}
${Object.keys(PARTS)
  .map((name) => `let _${name};\nexport const ${name} = () => (_${name} ??= require("./${name}.cjs"));`)
  .join("\n")}`;

/** `sources`: all files below bindings/. */
export function inParts(sources: readonly string[]): Plugin {
  const parts = new Map<string, Part>();

  /** What all but its own part see of a file. */
  async function stubs(path: string): Promise<string> {
    const name = partOf(path) as string;
    const values = await load(path);
    const functions = declared(path).filter((own) => isPlainFunction(values[own]));
    const lines = functions.map((own, i) => {
      const there = parts.get(name)?.nameOf(path, own);
      return `const f${i} = /* @__PURE__ */ stub(part, ${quoted(there)});\nexport { f${i} as ${own} };`;
    });
    return `import { stub, ${name} as part } from ${quoted(LOADER)};\n${lines.join("\n")}`;
  }

  /** The object that stands for the names of a file; classes in parts are getters of it. */
  async function namespace(path: string): Promise<string> {
    const imports: string[] = [];
    const eager: string[] = [];
    const lazy = new Map<string, string[]>();
    const names = await load(path);
    for (const name of Object.keys(names).sort()) {
      const local = `v${eager.length}`;
      const nested = sourceAt(relative(root, path)).exports.find(({ as, name: of }) => as === name && of === "*")?.from;
      if (nested) {
        imports.push(`import { names as ${local} } from ${quoted(NAMESPACE + join(root, nested))};`);
        eager.push(`${name}: ${local}`);
        continue;
      }
      const { source, name: inside } = exported(relative(root, path), name) as Declaration;
      const from = join(root, source.path);
      const there = source.exports.find(({ local: own }) => own === inside)?.as ?? inside;
      const part = partOf(from);
      if (part === undefined) {
        imports.push(`import { ${there} as ${local} } from ${quoted(from)};`);
        eager.push(`${name}: ${local}`);
      } else {
        const known = parts.get(part)?.nameOf(from, there);
        lazy.set(part, [...(lazy.get(part) ?? []), known === name ? name : `${name}:${known}`]);
      }
    }
    const getters = [...lazy].map(([part, list]) => `, [${part}, ${quoted(list.join(" "))}]`);
    return `import { ${["namespace", ...lazy.keys()].join(", ")} } from ${quoted(LOADER)};
${imports.join("\n")}
export const names = /* @__PURE__ */ namespace({ __proto__: null, [Symbol.toStringTag]: "Module", ${eager.join(", ")} }${getters.join("")});`;
  }

  return {
    name: "parts",
    buildStart() {
      for (const name of Object.keys(PARTS)) parts.set(name, Part.of(name, sources));
    },
    resolveId(id, importer) {
      if (id.startsWith("\0")) return id;
      if (/^\.\/\w+\.cjs$|^node:/.test(id)) return { id, external: true };
      if (importer === undefined || !id.endsWith(".ts")) return null;
      const path = id.startsWith("/") ? id : join(dirname(importer), id);
      return partOf(path) !== undefined && partOf(importer) !== partOf(path) && !importer.startsWith(PART)
        ? STUBS + path
        : path;
    },
    async load(id) {
      const [kind, path] = [`${id.split(":")[0]}:`, id.slice(id.indexOf(":") + 1)];
      if (id === LOADER) return { code: loader(), moduleType: "js" };
      if (kind === STUBS) return { code: await stubs(path), moduleType: "js" };
      if (kind === NAMESPACE) return { code: await namespace(path), moduleType: "js" };
      if (kind === PART) return { code: parts.get(path)?.entry as string, moduleType: "js" };
      return null;
    },
    transform(code, id) {
      if (!id.startsWith(SOURCES) || partOf(id) !== undefined) return null;
      return code.replace(
        /export \* as (\w+) from "(.+)";/g,
        (_, name, from) => `export { names as ${name} } from ${quoted(NAMESPACE + join(dirname(id), from))};`,
      );
    },
  };
}
