/**
 * One job at a time, cut into parts that the threads take one after the other. Each thread is an instance of this module
 * on the same memory, with globals of its own; what the threads share lies behind POOL.
 *
 * The ticket says in one word which job there is and which part comes next, `epoch u32 | parts u16 | next u16`, and a part
 * is taken by raising it. So a thread that comes too late, or not at all, takes nothing: the main thread does whatever is
 * left. Where the cuts are does not depend on who comes.
 *
 * Threads without work spin for a while and then wait on the epoch.
 */

/** What all look at, what those that are done write, and what the main thread alone writes: a cache line each. */
const enum At {
  Ticket = 0,
  Epoch = 8,
  Parked = 12,
  Done = 64,
  Served = 68,
  Task = 128,
  Args = 132,
  Count = 136,
  Step = 140,
  Last = 144,
  Threads = 148,
}

const POOL: usize = memory.data(192, 64);

/** Does elements `from` to `to` of a job whose description lies at `args`. It calls kernels, which know no thread. */
export type Task = (args: usize, from: i32, to: i32) => void;

/** Looks at the ticket before a thread goes to sleep: some dozen microseconds, about what it takes to wake it. */
const SPINS: i32 = 20000;

/** The least work that is cut up, in multiply-adds of a matrix product: 5 to 10 microseconds. */
let leastWork: i32 = 1 << 18;

/** Parts per thread where it does not matter how many there are: a thread may be held up. */
const PARTS: i32 = 4;

/** 1 while a part is done: a job is not cut up any further. */
let threads: i32 = 1;
/** The number of this thread; 0 is the main one. */
let self: i32 = 0;

export function setThreads(count: i32): void {
  threads = count;
  store<i32>(POOL, count, At.Threads);
}

/** For tests, which want small jobs cut up too. */
export function setLeastWork(work: i32): void {
  leastWork = work;
}

/** How many parts threads other than the main one have done. */
export function getServed(): i32 {
  return atomic.load<i32>(POOL, At.Served);
}

// @ts-ignore: decorator
@inline export function threadCount(): i32 {
  return threads;
}

// @ts-ignore: decorator
@inline export function thread(): i32 {
  return self;
}

/** Whether a job of so much work is cut up. */
// @ts-ignore: decorator
@inline export function isShared(work: i64): bool {
  return threads > 1 && work >= leastWork;
}

// @ts-ignore: decorator
@inline function hasParts(ticket: u64): bool {
  return (<u32>ticket & 0xffff) < (<u32>ticket >> 16);
}

/** Takes parts until there is none; the ticket that says so. */
function takeParts(): u64 {
  let ticket = atomic.load<u64>(POOL, At.Ticket);
  while (hasParts(ticket)) {
    const found = atomic.cmpxchg<u64>(POOL, ticket, ticket + 1, At.Ticket);
    if (found != ticket) {
      ticket = found;
      continue;
    }
    const part = <i32>(<u32>ticket & 0xffff);
    const step = load<i32>(POOL, At.Step);
    const to = part == load<i32>(POOL, At.Last) ? load<i32>(POOL, At.Count) : (part + 1) * step;
    call_indirect<void>(load<u32>(POOL, At.Task), load<usize>(POOL, At.Args), part * step, to);
    if (self) atomic.add<i32>(POOL, 1, At.Served);
    atomic.add<i32>(POOL, 1, At.Done);
    ticket = atomic.load<u64>(POOL, At.Ticket);
  }
  return ticket;
}

/**
 * Does a task for 0 ... n - 1, and returns when all is done. It is cut at multiples of `grain`, into about `parts` parts of
 * at least `grain` elements.
 */
export function share(task: Task, args: usize, n: i32, grain: i32, parts: i32 = PARTS * threads): void {
  const step = (n + parts * grain - 1) / (parts * grain) * grain;
  const count = max((n + step - grain) / step, 1);
  const all = threads;
  threads = 1;
  store<u32>(POOL, task.index, At.Task);
  store<usize>(POOL, args, At.Args);
  store<i32>(POOL, n, At.Count);
  store<i32>(POOL, step, At.Step);
  store<i32>(POOL, count - 1, At.Last);
  atomic.store<i32>(POOL, 0, At.Done);
  const epoch = atomic.add<u32>(POOL, 1, At.Epoch) + 1;
  atomic.store<u64>(POOL, (<u64>epoch << 32) | (<u64>count << 16), At.Ticket);
  if (atomic.load<i32>(POOL, At.Parked)) atomic.notify(POOL + At.Epoch, -1);
  takeParts();
  while (atomic.load<i32>(POOL, At.Done) < count) {}
  threads = all;
}

/** What a thread other than the main one does, for ever. Those beyond the wanted number take no parts. */
export function serve(number: i32): void {
  self = number;
  threads = 1;
  let ticket: u64 = 0;
  while (true) {
    if (number < load<i32>(POOL, At.Threads)) ticket = takeParts();
    let spins = SPINS;
    while (--spins > 0 && !hasParts(ticket)) ticket = atomic.load<u64>(POOL, At.Ticket);
    if (spins > 0 && number < load<i32>(POOL, At.Threads)) continue;
    atomic.add<i32>(POOL, 1, At.Parked);
    // Returns at once if the epoch has moved on since.
    atomic.wait<i32>(POOL + At.Epoch, <i32>(ticket >> 32), -1);
    atomic.sub<i32>(POOL, 1, At.Parked);
  }
}
