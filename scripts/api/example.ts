/** Runs the examples of docstrings. */
import { transformSync } from "esbuild";

export interface ExampleResult {
  /** What the last line evaluates to. */
  readonly value: unknown;
  /** What lines with a comment evaluate to, and what the comment says. */
  readonly promises: readonly { readonly actual: unknown; readonly expected: string }[];
}

/**
 * Runs an example with the library's names in scope. A line `expression; // text` promises that the expression's value is
 * printed as `text`, or, if the text is `throws message`, that it throws such an error; the semicolon may be missing in an
 * example of one line.
 */
export function runExample(example: string, library: object): ExampleResult {
  const lines = example.split("\n");
  let last = lines.length - 1;
  while (last > 0 && /^\s|^[})\]]/.test(lines[last])) last--;
  const script = lines.map((line, index) => {
    const promise = /^(?!\s|const |let |\/\/|[})])(.*?);? +\/\/ (.*)$/.exec(line);
    if (promise) {
      const expression = promise[1].replace(/^console\.log\((.*)\)$/, "$1");
      return `__value = __promise(() => (${expression}), ${JSON.stringify(promise[2])});`;
    }
    return index === last && /^(?!const |let |class |for |if |using |function |[{}\s/])/.test(line)
      ? `__value = ${line}`
      : line;
  });
  // `using` is newer than the oldest supported Node.
  const { code } = transformSync(script.join("\n"), { loader: "ts", target: "es2022" });
  const promises: { actual: unknown; expected: string }[] = [];
  const promised = (evaluate: () => unknown, expected: string): unknown => {
    const actual = expected.startsWith("throws ") ? thrown(evaluate) : evaluate();
    promises.push({ actual, expected });
    return actual;
  };
  // One export is a word of the language: it is reached as `tapegrad.var`.
  const scope = {
    ...Object.fromEntries(Object.entries(library).filter(([name]) => name !== "var")),
    tapegrad: library,
  };
  const body = `"use strict"; let __value; ${code}\nreturn __value;`;
  const value = new Function(...Object.keys(scope), "__promise", body)(...Object.values(scope), promised);
  return { value, promises };
}

class Thrown {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function thrown(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    return new Thrown((error as Error).message);
  }
}

/** A value as examples write it: `[1, 2]`, `{ min: tensor(1.) }`, `"text"`. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return `[${Array.from(value as ArrayLike<unknown>, show).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Thrown) return `throws ${value.message}`;
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value);
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${show(item)}`);
  return `{ ${entries.join(", ")} }`;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?:\.\.\.)?/g;

/** Whether a value is what a comment says. Numbers with decimals agree if they do when rounded to as many digits. */
export function keepsPromise(actual: unknown, expected: string): boolean {
  if (expected.startsWith("throws ")) return actual instanceof Thrown && actual.message.includes(expected.slice(7));
  const printed = oneLine(show(actual));
  const wanted = oneLine(expected);
  const found = printed.match(NUMBER) ?? [];
  const given = wanted.match(NUMBER) ?? [];
  if (printed.replace(NUMBER, "#") !== wanted.replace(NUMBER, "#") || found.length !== given.length) return false;
  return given.every((text, i) => agrees(Number(found[i]), text));
}

/** Rows of a matrix are printed below each other, with columns aligned. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("[ ", "[");
}

function agrees(actual: number, text: string): boolean {
  const decimals = /\.(\d+)/.exec(text)?.[1].length ?? 0;
  const [mantissa, exponent = "0"] = text.replace("...", "").split("e");
  if (decimals === 0) return actual === Number(`${mantissa}e${exponent}`);
  const unit = 10 ** (Number(exponent) - decimals);
  const distance = Math.abs(actual - Number(`${mantissa}e${exponent}`));
  // Digits that are left out are cut off, not rounded.
  return distance <= (text.endsWith("...") ? 1 : 0.5) * unit * (1 + 1e-9);
}
