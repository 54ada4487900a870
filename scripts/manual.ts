/** The text of the manual entry, which bindings/entries/manual.ts describes. */
import { join } from "node:path";
import { root } from "./paths.ts";

/**
 * The library wants its core at the moment it is evaluated, so here it is evaluated by `init`: the bundler turns a
 * required module into a function that runs it. The names are exported as bindings that `init` fills in, so that
 * `import { tensor }` beside `import { init }` works as ever; until then they explain themselves when touched.
 */
export function manualEntry(names: readonly string[]): string {
  return `
import { provide } from ${JSON.stringify(join(root, "bindings/core/provided.ts"))};

const refuse = () => {
  throw new Error("tapegrad/manual: call init(module) before anything else.");
};
const absent = new Proxy(function () {}, { get: refuse, apply: refuse, construct: refuse });

let ready = false;
${names.map((_, i) => `let export${i} = absent;`).join("\n")}

export function init(core) {
  if (ready) return;
  provide(core);
  ({ ${names.map((name, i) => `${name}: export${i}`).join(", ")} } = require(${JSON.stringify(join(root, "bindings/index.ts"))}));
  ready = true;
}

export { ${names.map((name, i) => `export${i} as ${name}`).join(", ")} };
`;
}
