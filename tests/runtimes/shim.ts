/**
 * Stands in for Vitest where it cannot run: in workerd, in an edge VM, in a page. Test files are bundled with this module
 * in place of "vitest"; it collects their tests, and `runAll` runs them. Matchers are Vitest's own.
 */
import { chai, GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from "@vitest/expect";
import { fn, restoreAllMocks, spyOn } from "@vitest/spy";

type Body = (...args: unknown[]) => unknown;
type Hook = () => unknown;

interface Suite {
  readonly name: string;
  readonly parent: Suite | null;
  readonly beforeEach: Hook[];
  readonly afterEach: Hook[];
}

interface Test {
  readonly name: string;
  readonly suite: Suite;
  readonly body: Hook;
}

const newSuite = (name: string, parent: Suite | null): Suite => ({ name, parent, beforeEach: [], afterEach: [] });

const tests: Test[] = [];
let suite: Suite = newSuite("", null);

/** `%s`, `%i`, `%d`, `%j` and `%o` take the values in turn, `%#` is the row's number. */
function title(name: string, values: readonly unknown[], row: number): string {
  const rest = [...values];
  return name.replace(/%([sidjo#])/g, (_, kind) => {
    if (kind === "#") return String(row);
    const value = rest.shift();
    return kind === "j" || kind === "o" ? JSON.stringify(value) : String(value);
  });
}

/** `each` of a registering function: one registration for each row, spread if the row is an array. */
function forEachRow(register: (name: string, body: Hook) => void) {
  return (rows: readonly unknown[]) => (name: string, body: Body) => {
    rows.forEach((row, i) => {
      const values = Array.isArray(row) ? row : [row];
      register(title(name, values, i), () => body(...values));
    });
  };
}

function registerTest(name: string, body: Hook): void {
  tests.push({ name, suite, body });
}

function registerSuite(name: string, body: Hook): void {
  suite = newSuite(name, suite);
  try {
    body();
  } finally {
    suite = suite.parent as Suite;
  }
}

const ignore = (): void => {};

export const it = Object.assign(registerTest, {
  each: forEachRow(registerTest),
  runIf: (condition: unknown) => (condition ? registerTest : ignore),
  skipIf: (condition: unknown) => (condition ? ignore : registerTest),
});
export { it as test };
export const describe = Object.assign(registerSuite, { each: forEachRow(registerSuite) });
export const beforeEach = (hook: Hook): number => suite.beforeEach.push(hook);
export const afterEach = (hook: Hook): number => suite.afterEach.push(hook);
const atEnd: Hook[] = [];
/** Where all files are one program, what comes after a suite may as well come after all. */
export const afterAll = (hook: Hook): number => atEnd.push(hook);
export const vi = { fn, restoreAllMocks, spyOn };

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const { expect } = chai;
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect });
setState({ assertionCalls: 0 }, expect as never);

function lineage(of: Suite | null): Suite[] {
  return of === null ? [] : [...lineage(of.parent), of];
}

async function run({ suite, body }: Test): Promise<void> {
  const suites = lineage(suite);
  for (const hook of suites.flatMap((each) => each.beforeEach)) await hook();
  try {
    await body();
  } finally {
    for (const hook of suites.reverse().flatMap((each) => each.afterEach)) await hook();
  }
}

/** Runs everything that was collected, prints what failed and the line that is added up; gives the number of failures. */
export async function runAll(): Promise<number> {
  let failed = 0;
  for (const [i, test] of tests.entries()) {
    // What the tests before have left is finalized between turns of the event loop.
    if (i % 16 === 0) await new Promise((resolve) => setTimeout(resolve));
    try {
      await run(test);
    } catch (error) {
      failed += 1;
      const path = [
        ...lineage(test.suite)
          .slice(1)
          .map(({ name }) => name),
        test.name,
      ].join(" > ");
      console.log(`failed: ${path}\n${(error as Error)?.stack ?? error}`);
    }
  }
  for (const hook of atEnd) await hook();
  console.log(`${tests.length - failed} passed, ${failed} failed`);
  return failed;
}
