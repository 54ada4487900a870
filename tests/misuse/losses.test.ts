import { testMisuse } from "../support/misuse.ts";

testMisuse("losses");
