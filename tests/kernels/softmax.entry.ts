export * from "../../assembly/kernels/softmax/index";
