/** The names under which console.log asks an object for its text: in Node and Bun, and in Deno. */
export const INSPECT: unique symbol = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom") as never;
export const DENO_INSPECT: unique symbol = /* @__PURE__ */ Symbol.for("Deno.customInspect") as never;
