export * from "../../assembly/kernels/batchnorm";
