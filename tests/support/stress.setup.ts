/** TAPEGRAD_STRESS=1 npm test: every test with the nursery turned over at each operation and freed memory poisoned. */
import { memory } from "../../bindings/index.ts";
import { STRESS } from "./stress.ts";

memory.setStress(STRESS);
