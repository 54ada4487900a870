export {
  f32_avg_pool2d,
  f32_avg_pool2d_backward,
  f32_avg_pool3d,
  f32_avg_pool3d_backward,
  f32_max_pool2d,
  f32_max_pool3d,
  f32_max_pool_backward,
  pool2dScratchBytes,
  pool3dScratchBytes,
} from "../../assembly/kernels/pool";
