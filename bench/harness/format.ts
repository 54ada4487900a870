import type { Unit } from "./case.ts";

const significant = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);

/** Nanoseconds as ns, µs, ms or s with two or three digits. */
export function duration(ns: number): string {
  const [value, unit] =
    ns < 1e3 ? [ns, "ns"] : ns < 1e6 ? [ns / 1e3, "µs"] : ns < 1e9 ? [ns / 1e6, "ms"] : [ns / 1e9, "s"];
  return `${value.toPrecision(3).includes("e") ? value.toFixed(0) : Number(value.toPrecision(3))} ${unit}`;
}

/** A repetition of `work` units in `ns`, as the case's table shows it. Flop or bytes per nanosecond are 10⁹ a second. */
export function figure(ns: number, work: number, unit: Unit): string {
  return unit === "time" ? duration(ns / work) : significant(work / ns);
}

export function ratio(value: number): string {
  return value >= 1000 ? value.toFixed(0) : significant(value);
}

/** Half the distance between the quartiles, relative to the median. */
export function scatter(low: number, median: number, high: number): string {
  return `±${Math.round(((high - low) / 2 / median) * 100)} %`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
