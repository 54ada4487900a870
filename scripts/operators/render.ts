/** docs/operators.md, as text. */
import { posix } from "node:path";
import { publicNames } from "../api/public.ts";
import { parametersOf, resultOf } from "../api/signature.ts";
import type { Operator } from "./collect.ts";
import { primitive, primitivesOf } from "./core.ts";
import { hasCase, orderOf } from "./gradients.ts";
import { groups } from "./groups.ts";
import { testOf } from "./tests.ts";

const INTRO = `# Operators

<!-- Written by scripts/operators.ts from the sources and their docstrings; \`npm run docs\` does it again. -->

Every function that computes with tensors, with its arguments in PyTorch's order. Optional ones are marked \`?\`, and all of them
can be given by name in one trailing object: \`sum(x, 1, true)\` and \`sum(x, { dim: 1, keepdim: true })\` are the same call.
Below a signature stand the methods of \`Tensor\` that do the same; a trailing underscore writes the result into the tensor.

- **∂** says what can be differentiated: ∂ once, ∂² twice and, as far as PyTorch goes, any number of times. Nothing is there
  where the result is an index, a truth value or a tensor made from nothing. PyTorch's own operator samples, with its values
  and derivatives, decide that where it has samples for the operator, and running the docstring's example where it has none.
- **Where** leads to the sources. A *primitive* has its kernels in the core, in the file that is named; everything else is a
  composite of those, written in TypeScript in the file to which the signature links.
`;

const isPublic = new Set(publicNames().map(({ declaration }) => declaration));

export function render(operators: readonly Operator[]): string {
  const chapters = groups.map(({ title, intro, files }) => {
    const position = ({ source }: Operator): number =>
      files.findIndex((file) => source.path.slice("bindings/".length).startsWith(file));
    const members = operators.filter(({ group }) => group.title === title);
    members.sort((a, b) => position(a) - position(b) || compare(a.name, b.name) || compare(a.path, b.path));
    return `## ${title}\n\n${intro}\n\n${table(members)}`;
  });
  const contents = groups.map(({ title }) => `[${title}](#${title.toLowerCase().replaceAll(" ", "-")})`).join(" · ");
  return [INTRO, `${contents}\n`, differences(operators), ...chapters].join("\n");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function table(operators: readonly Operator[]): string {
  const head = "| tapegrad | PyTorch | ∂ | | where |\n|---|---|---|---|---|\n";
  return head + operators.map((operator) => `${row(operator)}\n`).join("");
}

const ORDERS = ["", "∂", "∂ ∂²"];

function row(operator: Operator): string {
  const { doc, aliases, callable, written } = operator;
  const result = callable ? resultOf(callable, written) : "";
  const says = [
    sentence(doc?.summary ?? ""),
    result && result !== "this" ? `Gives \`${cell(result)}\`.` : "",
    aliases.length > 0 ? `Also ${aliases.map((name) => `\`${name}\``).join(", ")}.` : "",
    (doc?.differences.length ?? 0) > 0 ? "Differs, see above." : "",
  ];
  const cells = [
    signature(operator) + methods(operator),
    `\`${pytorchName(operator.path)}\``,
    ORDERS[orderOf(operator) ?? 0],
    says.filter(Boolean).join(" "),
    where(operator),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Inside a table a stroke ends a cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function sentence(text: string): string {
  const plain = cell(text.replace(/\{@link ([\w.]+)\}/g, "`$1`"));
  return plain === "" || /[.!?]$/.test(plain) ? plain : `${plain}.`;
}

function signature({ path, callable, source, written }: Operator): string {
  const name = path.replace(/^Tensor\./, "x.");
  const isProperty =
    callable === null ||
    (path.startsWith("Tensor.") && callable.params.length === 0 && /^(m?[TH]|real)$/.test(name.slice(2)));
  const text = isProperty ? name : `${name}(${parametersOf(callable, written).join(", ")})`;
  return `[\`${cell(text)}\`](../${source.path})`;
}

function methods({ path, methods }: Operator): string {
  if (path.startsWith("Tensor.") || methods.length === 0) return "";
  return `<br>${methods.map((name) => `\`.${name}\``).join(" ")}`;
}

/** What is no function there. */
const SYNTAX: Record<string, string> = {
  slice: "x[a:b:c]",
  "Tensor.index": "x[...]",
  "Tensor.setIndex": "x[...] = value",
};

/** The rule that names follow, backwards. */
function pytorchName(path: string): string {
  if (path in SYNTAX) return SYNTAX[path];
  if (/\.(m?[TH])$/.test(path)) return `torch.${path}`;
  const snake = path.replace(/(?<=[a-z0-9_])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `torch.${snake.replace(/(?<=atleast)(?=\d)/, "_")}`;
}

function where(operator: Operator): string {
  const { path, aliases, methods, source, name } = operator;
  const primitives = primitivesOf(source, name, (declaration) => isPublic.has(declaration)).map(primitive);
  const core = [...new Set(primitives.flatMap(({ files }) => files))];
  const names = [path, ...aliases].map((full) => full.slice(full.lastIndexOf(".") + 1));
  const test = testOf([...new Set([...names, ...methods])], source.path);
  const links = core.map((file) => `[core: ${posix.basename(file, ".ts")}](../${file})`);
  const tested = test ? `[test](../${test})` : hasCase(operator) ? "[cases](../scripts/opinfo.ts)" : "";
  return [...links, tested].filter(Boolean).join(" ");
}

function differences(operators: readonly Operator[]): string {
  const lines = operators.flatMap(({ path, doc }) =>
    (doc?.differences ?? []).map((text) => `- \`${path.replace(/^Tensor\./, "x.")}\`: ${text}\n`),
  );
  return lines.length === 0 ? "" : `## What differs from PyTorch\n\n${lines.sort().join("")}`;
}
