export {
  f32_gemm,
  GEMM_ACCUMULATE,
  GEMM_RELU,
  GEMM_SCRATCH_BYTES,
  setGemmPackAFromColumns,
} from "../../assembly/kernels/gemm/gemm";
export { copy2d_32 } from "../../assembly/kernels/transpose";
