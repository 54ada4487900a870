export {
  conv2dScratchBytes,
  conv3dScratchBytes,
  f32_conv2d,
  f32_conv2d_grad_input,
  f32_conv2d_grad_weight,
  f32_conv3d,
  f32_conv3d_grad_input,
  f32_conv3d_grad_weight,
} from "../../assembly/kernels/conv/conv";
