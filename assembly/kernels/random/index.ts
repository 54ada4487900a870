/**
 * Random numbers, the same as PyTorch's for the same seed (builds without MKL; normals to a few units in the last
 * place).
 */
export { f32_bernoulli, f32_bernoulli_each, f32_exponential, i32_multinomial } from "./chance";
export { f32_normal } from "./normal";
export { RANDOM_STATE_BYTES, random_seed } from "./twister";
export { f32_uniform, i32_random, i32_randperm } from "./uniform";
