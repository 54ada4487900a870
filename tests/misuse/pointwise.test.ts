import { testMisuse } from "../support/misuse.ts";

testMisuse("pointwise");
