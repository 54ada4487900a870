/** Everything public is documented, and every example in a docstring does what it says. */
import { describe, expect, it } from "vitest";
import * as tapegrad from "../../bindings/index.ts";
import { delegateOf, tensorMembers } from "../../scripts/api/delegate.ts";
import { keepsPromise, runExample, show } from "../../scripts/api/example.ts";
import { membersOf, publicNames } from "../../scripts/api/public.ts";
import type { Declaration } from "../../scripts/api/source.ts";

const names = publicNames().filter(({ typeOnly }) => !typeOnly);
const declarations = new Map<Declaration, string>(names.map(({ path, declaration }) => [declaration, path]));

interface Documented {
  readonly path: string;
  readonly examples: readonly string[];
}

/** Members by the class that declares them; bases that are not public count with the classes that extend them. */
const members = [...declarations].flatMap(([declaration, path]) =>
  declaration.kind === "class"
    ? membersOf(declaration)
        .filter(({ owner }) => owner === declaration || !declarations.has(owner))
        .map((member) => ({ path: `${path}.${member.name}`, member }))
    : [],
);

const documented: Documented[] = [
  ...[...declarations].map(([{ doc }, path]) => ({ path, examples: doc?.examples ?? [] })),
  ...members.map(({ path, member }) => ({ path, examples: member.doc?.examples ?? [] })),
];

describe("everything public", () => {
  const paths = (wrong: (declaration: Declaration) => boolean): string[] =>
    [...declarations].filter(([declaration]) => wrong(declaration)).map(([, path]) => path);

  it("says what it is", () => {
    expect(declarations.size).toBeGreaterThan(800);
    expect(paths(({ doc }) => !doc?.text)).toEqual([]);
  });

  it("has an example", () => {
    expect(paths(({ doc }) => !doc?.examples.length)).toEqual([]);
  });

  it("is meant to be", () => {
    expect(paths(({ doc }) => doc?.internal === true)).toEqual([]);
  });

  it("has methods that say what they do, themselves or where they override", () => {
    const silent = members.filter(({ member }) => !member.doc?.text && member.kind !== "property");
    expect(silent.map(({ path }) => path).filter((path) => !path.endsWith(".toString"))).toEqual([]);
  });
});

describe("a method of Tensor", () => {
  it("that is a function has the first sentence of its docstring, or one of its own", () => {
    const handedOn = tensorMembers().flatMap((member) => {
      const target = delegateOf(member);
      return target?.doc?.summary && member.doc?.links.some((link) => link.split(".").pop() === target.name)
        ? [{ name: member.name, says: member.doc.text, expected: target.doc.summary }]
        : [];
    });
    expect(handedOn.length).toBeGreaterThan(200);
    expect(handedOn.filter(({ says, expected }) => !says.startsWith(expected))).toEqual([]);
  });

  it("that writes into its tensor says of what", () => {
    const wrong = tensorMembers().filter(({ name, doc }) => {
      const named = /^`(\w+)`, written into this tensor/.exec(doc?.text ?? "");
      return named && `${named[1]}_` !== name;
    });
    expect(wrong).toEqual([]);
  });
});

describe("every example does what it says", () => {
  const examples = documented.flatMap(({ path, examples }) => examples.map((text) => [path, text] as const));

  it.each(examples)("%s", (_path, text) => {
    const { promises } = runExample(text, tapegrad);
    for (const { actual, expected } of promises) {
      if (!keepsPromise(actual, expected)) expect(show(actual)).toBe(expected);
    }
  });
});
