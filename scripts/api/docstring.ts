/** A docstring, taken apart. */
export interface Docstring {
  /** What comes before the first tag, lines joined. */
  readonly text: string;
  readonly summary: string;
  readonly internal: boolean;
  readonly examples: readonly string[];
  /** How the operation differs from PyTorch's. */
  readonly differences: readonly string[];
  /** What else is named to be read, as `@see {@link add}`. */
  readonly links: readonly string[];
}

interface Tag {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Reads the comment from its opening to its closing mark. */
export function readDocstring(comment: string): Docstring {
  const lines = comment
    .slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  const tags: Tag[] = [];
  const text: string[] = [];
  // A tag may also stand in the line of the text, after its last sentence.
  for (const line of lines.flatMap((l) =>
    l.split(/(?<=^|\s)(?=@(?:example|throws|see|difference|internal|returns|param)\b)/),
  )) {
    const tag = /^\s*@(\w+)\s?(.*)$/.exec(line);
    if (tag) tags.push({ name: tag[1], lines: [tag[2].trimEnd()] });
    else if (tags.length > 0) (tags[tags.length - 1].lines as string[]).push(line);
    else text.push(line.trim());
  }
  const prose = joined(text);
  const of = (name: string): Tag[] => tags.filter((tag) => tag.name === name);
  return {
    text: prose,
    summary: firstSentence(prose),
    internal: of("internal").length > 0,
    examples: of("example").map((tag) => tag.lines.join("\n").trim()),
    differences: of("difference").map((tag) => joined(tag.lines)),
    links: of("see").flatMap((tag) => [...joined(tag.lines).matchAll(/\{@link ([\w.]+)\}/g)].map((match) => match[1])),
  };
}

function joined(lines: readonly string[]): string {
  return lines.join(" ").replace(/\s+/g, " ").trim();
}

function firstSentence(text: string): string {
  return /^.*?[.:;](?=\s|$)/.exec(text)?.[0].replace(/[:;]$/, ".") ?? text;
}
