/** Debian's Chromium, or the one that CHROMIUM names, and the two bundlers that most pages are built with. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { build as buildWithVite } from "vite";
import { bundleSuite, bundleText } from "../bundle.ts";
import { type Check, counted, type Outcome, succeeded } from "../execute.ts";
import { consumer, suite } from "../workspace.ts";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--js-flags=--expose-gc"],
];
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const LIMIT_MS = 10 * 60_000;

/** With these a page is isolated from other origins. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Serves a folder on this machine; `/` is its index.html. */
async function serve(folder: string, headers: Record<string, string>): Promise<{ url: string; server: Server }> {
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url ?? "/", "http://localhost");
    const file = join(folder, pathname === "/" ? "index.html" : pathname);
    if (!existsSync(file)) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "text/plain";
    response.writeHead(200, { ...headers, "content-type": type }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** Opens a folder's page and waits until it sets `outcome`, the number of failures; gives what it logged. */
async function open(folder: string, headers = {}): Promise<{ status: number; output: string }> {
  const { url, server } = await serve(folder, headers);
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
    const page = await browser.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    const lines: string[] = [];
    const broken = new Promise<number>((resolve) => {
      page.on("pageerror", (error) => {
        lines.push(error.stack ?? error.message);
        resolve(1);
      });
      page.on("response", (response) => {
        if (response.status() < 400 || response.url().endsWith("/favicon.ico")) return;
        lines.push(`${response.status()} ${response.url()}`);
        resolve(1);
      });
    });
    page.on("console", (message) => lines.push(message.text()));
    // A page that runs the suite is not loaded until it is done.
    const finished = page
      .goto(url, { waitUntil: "commit" })
      .then(() => page.waitForFunction(() => "outcome" in globalThis))
      .then(() => page.evaluate(() => (globalThis as unknown as { outcome: number }).outcome));
    const status = await Promise.race([finished, broken]);
    return { status, output: lines.join("\n") };
  } finally {
    await browser?.close();
    server.close();
  }
}

function newPage(parent: string, name: string, html: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.html"), `<!doctype html><meta charset="utf-8"><title>${name}</title>${html}`);
  return folder;
}

const MODULE = '<script type="module" src="./page.js"></script>';
const program = (specifier: string): string => `import { manualSeed, nn, optim, tensor } from "${specifier}";
import { exercise } from "/exercise.js";
exercise({ manualSeed, nn, optim, tensor });
globalThis.outcome = 0;
`;

/** No bundler: an import map tells the page where the package lies. */
async function plain(entry: string, file: string): Promise<Outcome> {
  const imports = { [entry]: `/node_modules/tapegrad/build/${file}` };
  const html = `<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">${program(entry)}</script>`;
  writeFileSync(join(consumer, "index.html"), html);
  return succeeded(await open(consumer));
}

/** What the page says of its threads. */
async function threads(headers: Record<string, string>, expected: string): Promise<Outcome> {
  const imports = { tapegrad: "/node_modules/tapegrad/build/index.js" };
  const html = `<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">import "/threads.js"; globalThis.outcome = 0;</script>`;
  writeFileSync(join(consumer, "index.html"), html);
  const { status, output } = await open(consumer, headers);
  return succeeded({ status: output.includes(expected) ? status : 1, output });
}

async function manual(): Promise<Outcome> {
  const html = `<script type="module">
import { init, manualSeed, nn, optim, tensor } from "/node_modules/tapegrad/build/manual.js";
import { exercise } from "/exercise.js";
init(await WebAssembly.compileStreaming(fetch("/node_modules/tapegrad/build/core.simd.wasm")));
exercise({ manualSeed, nn, optim, tensor });
globalThis.outcome = 0;
</script>`;
  writeFileSync(join(consumer, "index.html"), html);
  return succeeded(await open(consumer));
}

async function viteBuild(): Promise<Outcome> {
  const source = newPage(consumer, "vite", MODULE);
  writeFileSync(join(source, "page.js"), program("tapegrad").replace("/exercise.js", "../exercise.js"));
  await buildWithVite({ root: source, logLevel: "warn", build: { outDir: "dist" } });
  return succeeded(await open(join(source, "dist")));
}

async function esbuildBundle(format: "esm" | "iife"): Promise<Outcome> {
  const script = format === "esm" ? MODULE : '<script src="./page.js"></script>';
  const folder = newPage(consumer, `esbuild-${format}`, script);
  const text = program("tapegrad").replace("/exercise.js", "./exercise.js");
  await bundleText(consumer, text, join(folder, "page.js"), { format, platform: "browser", minify: true });
  return succeeded(await open(folder));
}

export const checks: readonly Check[] = [
  {
    name: "Chromium, suite",
    run: async () => {
      const folder = newPage(suite, "chromium", MODULE);
      await bundleSuite(suite, "globalThis.outcome = await runAll();", join(folder, "page.js"), {
        platform: "browser",
      });
      return counted(await open(folder));
    },
  },
  { name: "Chromium, plain modules", run: () => plain("tapegrad", "index.js") },
  { name: "Chromium, plain modules, deterministic", run: () => plain("tapegrad/deterministic", "deterministic.js") },
  { name: "Chromium, plain modules, manual", run: manual },
  { name: "Chromium, threads in an isolated page", run: () => threads(ISOLATION, "two threads") },
  { name: "Chromium, no threads in another page", run: () => threads({}, "the page is not isolated") },
  { name: "Chromium, built by Vite", run: viteBuild },
  { name: "Chromium, bundled by esbuild as a module", run: () => esbuildBundle("esm") },
  { name: "Chromium, bundled by esbuild as a script", run: () => esbuildBundle("iife") },
];
