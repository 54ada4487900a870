/** The public names of the library, found by following the export lists from bindings/index.ts. */

import type { Docstring } from "./docstring.ts";
import { type Callable, type ClassElement, type Declaration, docBefore, type Source, sourceAt } from "./source.ts";

export interface PublicName {
  /** As users write it: `nn.functional.relu`. */
  readonly path: string;
  readonly declaration: Declaration;
  readonly typeOnly: boolean;
}

export const ENTRY = "bindings/index.ts";

/** All of them, by path; namespaces are entered. */
export function publicNames(entry: string = ENTRY, prefix: string = ""): PublicName[] {
  const source = sourceAt(entry);
  const names: PublicName[] = [];
  for (const { as, from, name, local, typeOnly } of source.exports) {
    if (from && name === "*") {
      names.push(...publicNames(from, `${prefix}${as}.`));
      continue;
    }
    const declaration = from ? exported(from, name as string) : found(source, local as string);
    if (declaration) names.push({ path: prefix + as, declaration, typeOnly: typeOnly || declaration.kind === "type" });
  }
  return [...names, ...source.stars.flatMap((star) => publicNames(star, prefix))];
}

/** What a file exports by a name, wherever it comes from. */
export function exported(path: string, name: string): Declaration | null {
  const source = sourceAt(path);
  const own = source.exports.find(({ as }) => as === name);
  if (own) return own.from ? exported(own.from, own.name as string) : found(source, own.local as string);
  for (const star of source.stars) {
    const declaration = exported(star, name);
    if (declaration) return declaration;
  }
  return null;
}

/** What a name means inside a file. */
export function found(source: Source, name: string): Declaration | null {
  const link = source.imports.get(name);
  return source.declarations.get(name) ?? (link && link.name !== "*" ? exported(link.from, link.name) : null);
}

export interface Member {
  readonly name: string;
  readonly owner: Declaration;
  readonly kind: "method" | "property" | "getter";
  readonly isStatic: boolean;
  readonly callable: Callable | null;
  readonly doc: Docstring | null;
  readonly text: string;
}

/**
 * The public members of a class, those of its bases included. An override hides what it overrides, but for the docstring if
 * it has none of its own, as editors have it.
 */
export function membersOf(declaration: Declaration): Member[] {
  const members = new Map<string, Member>();
  for (let owner: Declaration | null = declaration; owner?.classNode; owner = baseOf(owner)) {
    for (const member of ownMembers(owner)) {
      const before = members.get(member.name);
      // The first of overloads has the docstring.
      if (!before || (before.owner === member.owner && !before.doc)) members.set(member.name, member);
      else if (!before.doc && member.doc) members.set(member.name, { ...before, doc: member.doc });
    }
  }
  return [...members.values()];
}

function ownMembers(owner: Declaration): Member[] {
  const { source, classNode } = owner;
  return (classNode?.body.body ?? []).flatMap((element) => {
    const member = memberOf(owner, source, element);
    return member ? [member] : [];
  });
}

function memberOf(owner: Declaration, source: Source, element: ClassElement): Member | null {
  if (element.type === "StaticBlock" || element.type === "TSIndexSignature") return null;
  if (element.accessibility === "private" || element.accessibility === "protected") return null;
  if (element.key.type !== "Identifier" || element.computed || element.key.name.startsWith("_")) return null;
  const { name } = element.key;
  if (name === "constructor") return null;
  const base = { name, owner, isStatic: element.static, text: source.text.slice(element.start, element.end) };
  const doc = docBefore(source.text, element.start);
  if (doc?.internal) return null;
  if (element.type === "MethodDefinition" || element.type === "TSAbstractMethodDefinition") {
    if (element.kind === "set") return null;
    return { ...base, kind: element.kind === "get" ? "getter" : "method", callable: element.value, doc };
  }
  return { ...base, kind: "property", callable: null, doc };
}

function baseOf(declaration: Declaration): Declaration | null {
  const superClass = declaration.classNode?.superClass;
  return superClass?.type === "Identifier" ? found(declaration.source, superClass.name) : null;
}
