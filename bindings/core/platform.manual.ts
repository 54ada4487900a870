/** The core comes from the caller: the manual entry evaluates this file, and whatever imports it, when it has one. */
import type { CoreExports } from "./exports.ts";
import type { Source } from "./load.ts";
import { provided, providedSource } from "./provided.ts";

export const core: CoreExports = provided();

export const source = (): Source => providedSource();
