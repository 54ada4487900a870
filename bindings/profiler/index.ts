/** Where time goes, under the names of torch.profiler. */

export type { Profile } from "./profile.ts";
export { profile, recordFunction } from "./profile.ts";
export type { EventAverage, EventList, SortKey, TableOptions } from "./table.ts";
export type { ProfilerEvent } from "./timeline.ts";
