export * from "../../assembly/kernels/index/scatter";
