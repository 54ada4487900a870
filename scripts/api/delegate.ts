/** Which function a method of Tensor stands for. */
import { exported, type Member, membersOf, publicNames } from "./public.ts";
import { type Declaration, sourceAt } from "./source.ts";

/**
 * The function that a method hands its arguments to, if that is all it does:
 * `add(other) { return binary.add(this, other); }`; null if it does anything else.
 */
export function delegateOf(member: Member): Declaration | null {
  const call = /\{\s*return (?:(\w+)\.)?(\w+)\(this(?:, [^()]*)?\)(?: as [\w[\]]+)?;\s*\}$/.exec(member.text);
  return call ? imported(member, call[1], call[2]) : null;
}

/** The function whose result an in-place method writes into its tensor, found by the name without the underscore. */
export function inPlaceOf(member: Member): Declaration | null {
  if (!member.name.endsWith("_")) return null;
  const name = member.name.slice(0, -1);
  return publicNames().find(({ path }) => path === name)?.declaration ?? null;
}

function imported(member: Member, namespace: string | undefined, name: string): Declaration | null {
  const { imports } = sourceAt(member.owner.source.path);
  const link = imports.get(namespace ?? name);
  if (!link) return null;
  if (namespace) return link.name === "*" ? exported(link.from, name) : null;
  return exported(link.from, link.name);
}

/** The members of Tensor. */
export function tensorMembers(): Member[] {
  const tensor = publicNames().find(({ path }) => path === "Tensor");
  return tensor ? membersOf(tensor.declaration) : [];
}
