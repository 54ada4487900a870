export * from "../../assembly/kernels/reduce/index";
