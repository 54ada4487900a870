/** Reads TypeScript sources as far as the documentation needs it: declarations, docstrings, imports and exports. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type ParseResult, parseSync } from "rolldown/experimental";
import { root } from "../paths.ts";
import { type Docstring, readDocstring } from "./docstring.ts";

export type Statement = ParseResult["program"]["body"][number];
/** The nodes that may be of a type: one interface stands for several types of functions and of classes. */
type Kind<T extends string, Node = Statement> = Node extends { type: infer U } ? (T extends U ? Node : never) : never;
export type Callable = Pick<Kind<"FunctionDeclaration">, "params" | "returnType">;
export type ClassNode = Kind<"ClassDeclaration">;
export type InterfaceNode = Kind<"TSInterfaceDeclaration">;
export type ClassElement = ClassNode["body"]["body"][number];

export interface Declaration {
  readonly name: string;
  readonly source: Source;
  readonly kind: "function" | "class" | "value" | "type";
  /** Overloads and implementation, one behind the other. */
  readonly nodes: readonly { readonly start: number; readonly end: number }[];
  /** What can be called, first the overloads that a user sees. */
  readonly callables: readonly Callable[];
  readonly classNode: ClassNode | null;
  readonly interfaceNode: InterfaceNode | null;
  /** What a type alias stands for. */
  readonly aliased: Kind<"TSTypeAliasDeclaration">["typeAnnotation"] | null;
  readonly doc: Docstring | null;
}

interface Link {
  /** The file, as a path from the root. */
  readonly from: string;
  /** The name there; `*` for all of them as a namespace. */
  readonly name: string;
}

interface ExportedName extends Partial<Link> {
  readonly as: string;
  /** Declared here, if it is not re-exported. */
  readonly local: string | null;
  readonly typeOnly: boolean;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly imports: ReadonlyMap<string, Link>;
  readonly exports: readonly ExportedName[];
  /** The files of `export * from`. */
  readonly stars: readonly string[];
}

const read = new Map<string, Source>();

/** The source at a path from the root. */
export function sourceAt(path: string): Source {
  const known = read.get(path);
  if (known) return known;
  const source = parse(path, readFileSync(join(root, path), "utf8"));
  read.set(path, source);
  return source;
}

function parse(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const declarations = new Map<string, Declaration>();
  const imports = new Map<string, Link>();
  const exports: ExportedName[] = [];
  const stars: string[] = [];
  const source: Source = { path, text, declarations, imports, exports, stars };
  const resolve = (specifier: string): string => posix.join(posix.dirname(path), specifier);

  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      const from = resolve(statement.source.value);
      for (const item of statement.specifiers) {
        const name = item.type === "ImportSpecifier" ? nameOf(item.imported) : "*";
        imports.set(item.local.name, { from, name });
      }
    } else if (statement.type === "ExportAllDeclaration") {
      const from = resolve(statement.source.value);
      if (statement.exported)
        exports.push({ as: nameOf(statement.exported), from, name: "*", local: null, typeOnly: false });
      else stars.push(from);
    } else if (statement.type === "ExportNamedDeclaration") {
      const from = statement.source ? resolve(statement.source.value) : undefined;
      for (const item of statement.specifiers) {
        const name = nameOf(item.local);
        const typeOnly = statement.exportKind === "type" || item.exportKind === "type";
        exports.push({ as: nameOf(item.exported), from, name, local: from ? null : name, typeOnly });
      }
      if (statement.declaration) {
        for (const { name, kind } of declare(source, declarations, statement.declaration, statement.start)) {
          exports.push({ as: name, local: name, typeOnly: kind === "type" });
        }
      }
    } else {
      declare(source, declarations, statement, statement.start);
    }
  }
  return source;
}

function nameOf(node: { type: string; name?: string; value?: string }): string {
  return node.name ?? (node.value as string);
}

/** Adds what a statement declares. `start` is where its docstring ends. */
function declare(
  source: Source,
  declarations: Map<string, Declaration>,
  node: Statement | NonNullable<Kind<"ExportNamedDeclaration">["declaration"]>,
  start: number,
): Declaration[] {
  const empty = { callables: [] as Callable[], classNode: null, interfaceNode: null, aliased: null };
  const base = { ...empty, source, nodes: [{ start, end: node.end }] };
  const doc = docBefore(source.text, start);
  const added: Declaration[] = [];
  if (node.type === "FunctionDeclaration" || node.type === "TSDeclareFunction") {
    const name = node.id?.name as string;
    const before = declarations.get(name);
    // The implementation of overloads is not what users see.
    const callables = before && node.body ? before.callables : [...(before?.callables ?? []), node];
    const nodes = [...(before?.nodes ?? []), ...base.nodes];
    added.push({ ...base, name, kind: "function", callables, nodes, doc: before?.doc ?? doc });
  } else if (node.type === "ClassDeclaration") {
    added.push({ ...base, name: node.id?.name as string, kind: "class", classNode: node, doc });
  } else if (node.type === "VariableDeclaration") {
    for (const { id, init } of node.declarations) {
      if (id.type !== "Identifier") continue;
      const arrow = init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression" ? [init] : [];
      const annotation = id.typeAnnotation?.typeAnnotation;
      const typed = annotation?.type === "TSFunctionType" ? [annotation] : arrow;
      added.push({ ...base, name: id.name, kind: typed.length > 0 ? "function" : "value", callables: typed, doc });
    }
  } else if (node.type === "TSInterfaceDeclaration") {
    added.push({ ...base, name: node.id.name, kind: "type", interfaceNode: node, doc });
  } else if (node.type === "TSTypeAliasDeclaration") {
    added.push({ ...base, name: node.id.name, kind: "type", aliased: node.typeAnnotation, doc });
  }
  for (const declaration of added) declarations.set(declaration.name, declaration);
  return added;
}

/** The docstring that ends right before a position. */
export function docBefore(text: string, position: number): Docstring | null {
  // Directives to the linter stand between.
  const before = text
    .slice(0, position)
    .replace(/(?:\n\s*\/\/[^\n]*)+\s*$/, "")
    .trimEnd();
  if (!before.endsWith("*/")) return null;
  const comment = before.slice(before.lastIndexOf("/*"));
  return comment.startsWith("/**") ? readDocstring(comment) : null;
}
