export { f32_distances, f32_distances_grad } from "../../assembly/kernels/distance";
