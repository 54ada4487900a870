/** Two threads where there are any; where there are none, a warning that says so. Either way the results are the same. */
import { getNumThreads, matmul, setNumThreads, tensor } from "tapegrad";

const size = 256;
const a = tensor(
  Float32Array.from({ length: size * size }, (_, i) => Math.sin(i)),
  { shape: [size, size] },
);
const alone = matmul(a, a).data();

const warnings = [];
const { warn } = console;
console.warn = (text) => warnings.push(text);
setNumThreads(2);
console.warn = warn;

const threads = getNumThreads();
if (threads !== (warnings.length === 0 ? 2 : 1)) throw new Error(`${threads} threads, warnings: ${warnings}`);
if (threads === 1 && !warnings[0].endsWith("Everything goes on with one thread.")) throw new Error(warnings[0]);
for (let i = 0; i < 50; i++) {
  const together = matmul(a, a).data();
  if (!together.every((value, at) => value === alone[at]))
    throw new Error(`product ${i} differs with ${threads} threads`);
}
console.log(threads === 2 ? "two threads" : warnings[0]);
