/** Sums over events of one name, and their table in PyTorch's form. */
import type { ProfilerEvent } from "./timeline.ts";

/** All events of one name together. Times in microseconds. */
export interface EventAverage {
  readonly key: string;
  count: number;
  /** Events inside events of the same name count twice. */
  cpuTimeTotal: number;
  selfCpuTimeTotal: number;
  /** `cpuTimeTotal` by `count`. */
  cpuTime: number;
  cpuMemoryUsage: number;
  selfCpuMemoryUsage: number;
}

export type SortKey = Exclude<keyof EventAverage, "key">;

const SORT_KEYS: readonly string[] = [
  "count",
  "cpuTimeTotal",
  "selfCpuTimeTotal",
  "cpuTime",
  "cpuMemoryUsage",
  "selfCpuMemoryUsage",
];

export interface TableOptions {
  /** Largest first; in order of appearance if left out. */
  sortBy?: SortKey | null;
  /** 100 by default; -1 for all rows. */
  rowLimit?: number;
}

/** The sums for all names, an array that can be printed as a table. */
export class EventList extends Array<EventAverage> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The time of everything together, in microseconds. */
  get selfCpuTimeTotal(): number {
    return this.reduce((sum, { selfCpuTimeTotal }) => sum + selfCpuTimeTotal, 0);
  }

  /**
   * The table that PyTorch prints.
   * @throws {TypeError} nothing can be sorted by `sortBy`
   * @example profiler.profile(() => ones(3).exp()).keyAverages().table({ rowLimit: 1 }).includes("aten::exp") // true
   */
  table(options: TableOptions = {}): string {
    const { sortBy = null, rowLimit = 100 } = options;
    if (sortBy !== null && !SORT_KEYS.includes(sortBy)) {
      throw new TypeError(`table: cannot sort by '${String(sortBy)}'; expected one of ${SORT_KEYS.join(", ")}`);
    }
    const sorted = sortBy === null ? [...this] : [...this].sort((a, b) => b[sortBy] - a[sortBy]);
    const shown = rowLimit < 0 ? sorted : sorted.slice(0, rowLimit);
    const total = this.selfCpuTimeTotal;
    const names = Math.min(55, Math.max(4, ...shown.map(({ key }) => key.length)));
    const widths = [names, ...HEAD.slice(1).map(() => 12)];
    const line = widths.map((width) => `${"-".repeat(width)}  `).join("");
    const print = (cells: readonly string[]): string =>
      cells.map((cell, i) => `${cell.padStart(widths[i])}  `).join("");
    const rows = shown.map((average) => print(cellsOf(average, total, names)));
    return `${[line, print(HEAD), line, ...rows, line].join("\n")}\nSelf CPU time total: ${time(total)}\n`;
  }

  override toString(): string {
    return this.table();
  }
}

const HEAD: readonly string[] = [
  "Name",
  "Self CPU %",
  "Self CPU",
  "CPU total %",
  "CPU total",
  "CPU time avg",
  "CPU Mem",
  "Self CPU Mem",
  "# of Calls",
];

function cellsOf(average: EventAverage, total: number, width: number): string[] {
  const { key } = average;
  return [
    key.length > width ? `${key.slice(0, width - 3)}...` : key,
    share(average.selfCpuTimeTotal, total),
    time(average.selfCpuTimeTotal),
    share(average.cpuTimeTotal, total),
    time(average.cpuTimeTotal),
    time(average.cpuTime),
    bytes(average.cpuMemoryUsage),
    bytes(average.selfCpuMemoryUsage),
    String(average.count),
  ];
}

function share(part: number, total: number): string {
  return total > 0 ? `${((100 * part) / total).toFixed(2)}%` : "NaN";
}

/** Microseconds. */
function time(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(3)}s`;
  return value >= 1000 ? `${(value / 1000).toFixed(3)}ms` : `${value.toFixed(3)}us`;
}

function bytes(value: number): string {
  const size = Math.abs(value);
  if (size >= 2 ** 30) return `${(value / 2 ** 30).toFixed(2)} Gb`;
  if (size >= 2 ** 20) return `${(value / 2 ** 20).toFixed(2)} Mb`;
  return size >= 2 ** 10 ? `${(value / 2 ** 10).toFixed(2)} Kb` : `${value} b`;
}

export function averages(events: readonly ProfilerEvent[]): EventList {
  const byName = new Map<string, EventAverage>();
  for (const event of events) {
    const known = byName.get(event.name);
    const sum: EventAverage = known ?? {
      key: event.name,
      count: 0,
      cpuTimeTotal: 0,
      selfCpuTimeTotal: 0,
      cpuTime: 0,
      cpuMemoryUsage: 0,
      selfCpuMemoryUsage: 0,
    };
    if (!known) byName.set(event.name, sum);
    sum.count++;
    sum.cpuTimeTotal += event.cpuTimeTotal;
    sum.selfCpuTimeTotal += event.selfCpuTimeTotal;
    sum.cpuTime = sum.cpuTimeTotal / sum.count;
    sum.cpuMemoryUsage += event.cpuMemoryUsage;
    sum.selfCpuMemoryUsage += event.selfCpuMemoryUsage;
  }
  const list = new EventList();
  for (const average of byName.values()) list.push(average);
  return list;
}
