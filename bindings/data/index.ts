/** PyTorch's torch.utils.data. */
export type { Examples } from "./dataset.ts";
export { ConcatDataset, Dataset, randomSplit, Subset, TensorDataset } from "./dataset.ts";
export type { Collated, DataLoaderOptions } from "./loader.ts";
export { DataLoader, defaultCollate } from "./loader.ts";
export type { RandomSamplerOptions, Sampler } from "./sampler.ts";
export {
  BatchSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "./sampler.ts";
