/**
 * The instance of the core, and where its bytes come from should they be needed once more (for threads). The bundles put
 * another file in place of platform.file.ts: see scripts/bundle.ts.
 */
export { core, source } from "./platform.file.ts";
