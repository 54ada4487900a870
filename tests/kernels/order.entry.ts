export { order } from "../../assembly/kernels/order";
