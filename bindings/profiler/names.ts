/** The names of operations, as PyTorch's profiler has them. */
import { Op, OpMode } from "../../assembly/abi/op.ts";
import { nodeName } from "../core/names.ts";

/** Those that follow neither from the name of a node nor from the name here. */
const OWN: Partial<Record<Op, string>> = {
  [Op.None]: "empty",
  [Op.And]: "bitwise_and",
  [Op.Or]: "bitwise_or",
  [Op.Xor]: "bitwise_xor",
  [Op.ShiftLeft]: "bitwise_left_shift",
  [Op.ShiftRight]: "bitwise_right_shift",
  [Op.Not]: "bitwise_not",
  [Op.Eq]: "eq",
  [Op.Ne]: "ne",
  [Op.Lt]: "lt",
  [Op.Le]: "le",
  [Op.Gt]: "gt",
  [Op.Ge]: "ge",
  [Op.IsNaN]: "isnan",
  [Op.IsInf]: "isinf",
  [Op.IsFinite]: "isfinite",
  [Op.Any]: "any",
  [Op.All]: "all",
  [Op.ArgMax]: "argmax",
  [Op.ArgMin]: "argmin",
  [Op.Detach]: "detach",
  [Op.Square]: "square",
  [Op.FloorDivide]: "floor_divide",
  [Op.RdivScalar]: "div",
  [Op.Log1p]: "log1p",
  [Op.Cast]: "_to_copy",
  [Op.CrossEntropy]: "cross_entropy_loss",
  [Op.Copy]: "copy",
  [Op.Assign]: "copy",
  [Op.Matmul]: "matmul",
  [Op.MaxPool]: "max_pool2d_with_indices",
  [Op.AvgPool]: "avg_pool2d",
  [Op.AvgPoolGrad]: "avg_pool2d_backward",
  [Op.ConvWeight]: "convolution_backward",
  [Op.AsStridedScatter]: "as_strided_scatter",
};

/** `aten::log_softmax`; with an underscore at the end if the operation works in place. */
export function operationName(code: number): string {
  const op = (code & OpMode.Mask) as Op;
  const name = OWN[op] ?? snakeCase(nodeName(op, 0).replace(/Backward\d$/, ""));
  return `aten::${name}${code & OpMode.InPlace ? "_" : ""}`;
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
}
