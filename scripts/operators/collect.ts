/** The operators: one for each function, with all the names under which users reach it. */
import { delegateOf, inPlaceOf, tensorMembers } from "../api/delegate.ts";
import type { Docstring } from "../api/docstring.ts";
import { type Member, publicNames } from "../api/public.ts";
import { resultOf } from "../api/signature.ts";
import type { Callable, Declaration, Source } from "../api/source.ts";
import { type Group, groupOf, isOperatorFile } from "./groups.ts";

export interface Operator {
  /** As users write it; a method without a function is `Tensor.view`. */
  readonly path: string;
  /** Other paths to the same function. */
  readonly aliases: readonly string[];
  readonly methods: readonly string[];
  readonly group: Group;
  readonly source: Source;
  readonly name: string;
  readonly callable: Callable | null;
  /** Where `callable` is written: a method's own file, or the function's. */
  readonly written: Source;
  readonly doc: Docstring | null;
}

const SPACES = /^(nn\.functional|linalg|special|masked)\.|^[^.]+$/;

export function collectOperators(): Operator[] {
  const paths = new Map<Declaration, string[]>();
  for (const { path, declaration } of publicNames()) {
    if (declaration.kind !== "function" || !SPACES.test(path) || !isOperatorFile(declaration.source.path)) continue;
    paths.set(declaration, [...(paths.get(declaration) ?? []), path]);
  }
  const methods = new Map<Declaration, Member[]>();
  const alone: Member[] = [];
  for (const member of tensorMembers()) {
    const target = targetOf(member, paths);
    if (target) methods.set(target, [...(methods.get(target) ?? []), member]);
    else if (member.kind === "method" || /^(m?[TH]|real)$/.test(member.name)) alone.push(member);
  }
  const functions = [...paths].map(([declaration, names]) =>
    ofFunction(declaration, names, methods.get(declaration) ?? []),
  );
  return [...functions, ...alone.flatMap(ofMethod)];
}

/** The public function of which a member of Tensor is the method. */
function targetOf(member: Member, paths: ReadonlyMap<Declaration, readonly string[]>): Declaration | null {
  const candidates = [delegateOf(member), inPlaceOf(member)];
  const named = [...paths].find(([, names]) => names.includes(member.name))?.[0] ?? null;
  return [...candidates, named].find((candidate) => candidate && paths.has(candidate)) ?? null;
}

function ofFunction(declaration: Declaration, names: readonly string[], members: readonly Member[]): Operator {
  const [path, ...aliases] = [...names].sort(
    (a, b) => rank(a, declaration) - rank(b, declaration) || a.length - b.length,
  );
  const { source } = declaration;
  return {
    path,
    aliases,
    methods: members.map(({ name }) => name).sort((a, b) => Number(a.endsWith("_")) - Number(b.endsWith("_"))),
    group: required(source.path),
    source,
    name: declaration.name,
    callable: plainest(declaration),
    written: source,
    doc: declaration.doc,
  };
}

/** Of overloads, the one that gives a tensor alone. */
function plainest({ callables, source }: Declaration): Callable | null {
  return callables.find((callable) => resultOf(callable, source) === "") ?? callables[0] ?? null;
}

/** Few dots first, and the function's own name before others. */
function rank(path: string, { name }: Declaration): number {
  const parts = path.split(".");
  return 2 * parts.length + (parts[parts.length - 1] === name ? 0 : 1);
}

function ofMethod(member: Member): Operator[] {
  const target = delegateOf(member);
  const source = target?.source ?? member.owner.source;
  const group = groupOf(source.path);
  if (!group) return [];
  return [
    {
      path: `Tensor.${member.name}`,
      aliases: [],
      methods: [member.name],
      group,
      source,
      name: target?.name ?? member.name,
      callable: member.callable,
      written: member.owner.source,
      doc: target?.doc ?? member.doc,
    },
  ];
}

function required(path: string): Group {
  const group = groupOf(path);
  if (!group)
    throw new Error(`${path} belongs to no group of docs/operators.md: scripts/operators/groups.ts says which`);
  return group;
}
