export * from "../../assembly/kernels/index/index";
