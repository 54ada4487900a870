/** The trace event format, which chrome://tracing and Perfetto read. */
import type { ProfilerEvent } from "./timeline.ts";

/** @see Duffy, "Trace Event Format": complete events, "ph": "X", with times in microseconds */
export function chromeTrace(events: readonly ProfilerEvent[]): string {
  const place = { pid: 1, tid: 1 };
  const names = [
    { name: "process_name", ph: "M", ...place, args: { name: "tapegrad" } },
    { name: "thread_name", ph: "M", ...place, args: { name: "main" } },
  ];
  const complete = events.map(({ name, category, start, cpuTimeTotal, selfCpuMemoryUsage }) => ({
    ph: "X",
    cat: category,
    name,
    ...place,
    ts: rounded(start),
    dur: rounded(cpuTimeTotal),
    args: { bytes: selfCpuMemoryUsage },
  }));
  return JSON.stringify({ schemaVersion: 1, displayTimeUnit: "ms", traceEvents: [...names, ...complete] });
}

/** To nanoseconds. */
function rounded(us: number): number {
  return Math.round(1000 * us) / 1000;
}
