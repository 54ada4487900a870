/** Median and quartiles; quantiles by linear interpolation between the sorted values. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

export function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (q: number): number => {
    const at = q * (sorted.length - 1);
    const below = Math.floor(at);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
  };
  return { median: quantile(0.5), low: quantile(0.25), high: quantile(0.75) };
}

/** Spread of the ratios taken round by round: what slows the machine down for a while slows both sides of a ratio. */
export function ratioSpread(numerators: number[], denominators: number[]): Spread {
  return spread(numerators.map((value, round) => value / denominators[round]));
}
