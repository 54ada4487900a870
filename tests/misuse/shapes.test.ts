import { testMisuse } from "../support/misuse.ts";

testMisuse("shapes");
