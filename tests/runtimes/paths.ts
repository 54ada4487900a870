import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const here: string = fileURLToPath(new URL(".", import.meta.url));
export const root: string = join(here, "../..");
export const tools: string = join(here, "node_modules");
