export * from "../../assembly/kernels/random/index";
