import { DType as Code } from "../../assembly/abi/dtype.ts";
import { DTypeError } from "./errors.ts";

/** Element type of a tensor. */
export type DType = "float32" | "int32" | "bool";

export const DTYPES: readonly DType[] = ["bool", "int32", "float32"];

/** PyTorch's name of the scalar type, as its messages have it. */
export const SCALAR_NAMES: readonly string[] = ["Bool", "Int", "Float"];

export function dtypeCode(dtype: DType): Code {
  switch (dtype) {
    case "float32":
      return Code.Float32;
    case "int32":
      return Code.Int32;
    case "bool":
      return Code.Bool;
    default:
      throw new DTypeError(`unknown dtype ${JSON.stringify(dtype)}; expected "float32", "int32" or "bool"`);
  }
}

/** float32 is "Float", and so on. */
export function scalarName(dtype: DType): string {
  return SCALAR_NAMES[DTYPES.indexOf(dtype)];
}
