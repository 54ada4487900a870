export * from "../../assembly/kernels/optim";
