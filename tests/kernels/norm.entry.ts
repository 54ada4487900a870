export * from "../../assembly/kernels/norm";
