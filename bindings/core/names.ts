/** Names under which nodes are printed: `grad_fn=<MulBackward0>`. */
import { NameWord, NodeField, TensorField } from "../../assembly/abi/layout.ts";
import { Op } from "../../assembly/abi/op.ts";
import type { TensorBase } from "./base.ts";
import { current } from "./generation.ts";
import { i32 } from "./wasm.ts";

const BY_OP: Partial<Record<Op, string>> = {
  [Op.Add]: "AddBackward0",
  [Op.Sub]: "SubBackward0",
  [Op.Mul]: "MulBackward0",
  [Op.Div]: "DivBackward0",
  [Op.Pow]: "PowBackward1",
  [Op.Maximum]: "MaximumBackward0",
  [Op.Minimum]: "MinimumBackward0",
  [Op.Atan2]: "Atan2Backward0",
  [Op.FloorDivide]: "DivBackward2",
  [Op.TruncDivide]: "DivBackward2",
  [Op.Remainder]: "RemainderBackward1",
  [Op.Fmod]: "FmodBackward1",
  [Op.Hypot]: "HypotBackward0",
  [Op.Copysign]: "CopysignBackward0",
  [Op.Xlogy]: "XlogyBackward0",
  [Op.LogAddExp]: "LogaddexpBackward0",
  [Op.LerpScalar]: "LerpBackward0",
  [Op.Lerp]: "LerpBackward1",
  [Op.Addcmul]: "AddcmulBackward0",
  [Op.Addcdiv]: "AddcdivBackward0",
  [Op.AddScalar]: "AddBackward0",
  [Op.RsubScalar]: "RsubBackward1",
  [Op.MulScalar]: "MulBackward0",
  [Op.DivScalar]: "DivBackward0",
  [Op.RdivScalar]: "MulBackward0",
  [Op.PowScalar]: "PowBackward0",
  [Op.RpowScalar]: "PowBackward2",
  [Op.Clamp]: "ClampBackward1",
  [Op.Hardtanh]: "HardtanhBackward0",
  [Op.LeakyRelu]: "LeakyReluBackward0",
  [Op.Elu]: "EluBackward0",
  [Op.EluByResult]: "EluBackward0",
  [Op.Softplus]: "SoftplusBackward0",
  [Op.Neg]: "NegBackward0",
  [Op.Exp]: "ExpBackward0",
  [Op.Log]: "LogBackward0",
  [Op.Sin]: "SinBackward0",
  [Op.Cos]: "CosBackward0",
  [Op.Tanh]: "TanhBackward0",
  [Op.Sigmoid]: "SigmoidBackward0",
  [Op.Relu]: "ReluBackward0",
  [Op.Sqrt]: "SqrtBackward0",
  [Op.Abs]: "AbsBackward0",
  [Op.Rsqrt]: "RsqrtBackward0",
  [Op.Reciprocal]: "ReciprocalBackward0",
  [Op.Square]: "PowBackward0",
  [Op.Sign]: "SignBackward0",
  [Op.Floor]: "FloorBackward0",
  [Op.Ceil]: "CeilBackward0",
  [Op.Round]: "RoundBackward0",
  [Op.Trunc]: "TruncBackward0",
  [Op.Erf]: "ErfBackward0",
  [Op.Gelu]: "GeluBackward0",
  [Op.GeluTanh]: "GeluBackward0",
  [Op.Silu]: "SiluBackward0",
  [Op.Mish]: "MishBackward0",
  [Op.LogSigmoid]: "LogSigmoidBackward0",
  [Op.Hardswish]: "HardswishBackward0",
  [Op.Hardsigmoid]: "HardsigmoidBackward0",
  [Op.Tan]: "TanBackward0",
  [Op.Asin]: "AsinBackward0",
  [Op.Acos]: "AcosBackward0",
  [Op.Atan]: "AtanBackward0",
  [Op.Sinh]: "SinhBackward0",
  [Op.Cosh]: "CoshBackward0",
  [Op.Asinh]: "AsinhBackward0",
  [Op.Acosh]: "AcoshBackward0",
  [Op.Atanh]: "AtanhBackward0",
  [Op.Log2]: "Log2Backward0",
  [Op.Log10]: "Log10Backward0",
  [Op.Log1p]: "Log1PBackward0",
  [Op.Exp2]: "Exp2Backward0",
  [Op.Expm1]: "Expm1Backward0",
  [Op.Erfc]: "ErfcBackward0",
  [Op.Erfinv]: "ErfinvBackward0",
  [Op.Frac]: "FracBackward0",
  [Op.Evaluated]: "EvaluatedBackward0",
  [Op.Where]: "WhereBackward0",
  [Op.Cast]: "ToCopyBackward0",
  [Op.Sum]: "SumBackward0",
  [Op.Mean]: "MeanBackward0",
  [Op.Prod]: "ProdBackward0",
  [Op.Amax]: "AmaxBackward0",
  [Op.Amin]: "AminBackward0",
  [Op.Var]: "VarBackward0",
  [Op.Std]: "StdBackward0",
  [Op.LogSumExp]: "LogsumexpBackward0",
  [Op.VectorNorm]: "LinalgVectorNormBackward0",
  [Op.MedianAll]: "MedianBackward0",
  [Op.MaxDim]: "MaxBackward0",
  [Op.MinDim]: "MinBackward0",
  [Op.Kth]: "KthvalueBackward0",
  [Op.Median]: "MedianBackward1",
  [Op.NanMedian]: "NanmedianBackward1",
  [Op.Mode]: "ModeBackward0",
  [Op.Sort]: "SortBackward0",
  [Op.Cummax]: "CummaxBackward0",
  [Op.Cummin]: "CumminBackward0",
  [Op.Cumsum]: "CumsumBackward0",
  [Op.Cumprod]: "CumprodBackward0",
  [Op.LogCumSumExp]: "LogcumsumexpBackward0",
  [Op.Recurrence]: "RecurrenceBackward0",
  [Op.Distance]: "CdistBackward0",
  [Op.Matmul]: "MmBackward0",
  [Op.Linear]: "AddmmBackward0",
  [Op.Conv]: "ConvolutionBackward0",
  [Op.ConvTranspose]: "ConvolutionBackward0",
  [Op.ConvWeight]: "ConvolutionBackwardBackward0",
  [Op.MaxPool]: "MaxPool2DWithIndicesBackward0",
  [Op.AvgPool]: "AvgPool2DBackward0",
  [Op.AvgPoolGrad]: "AvgPool2DBackwardBackward0",
  [Op.LayerNorm]: "NativeLayerNormBackward0",
  [Op.BatchNorm]: "NativeBatchNormBackward0",
  [Op.Embedding]: "EmbeddingBackward0",
  [Op.RecurrentLayer]: "StackBackward0",
  [Op.Softmax]: "SoftmaxBackward0",
  [Op.LogSoftmax]: "LogSoftmaxBackward0",
  [Op.CrossEntropy]: "NllLossBackward0",
  [Op.View]: "ViewBackward0",
  [Op.Permute]: "PermuteBackward0",
  [Op.Expand]: "ExpandBackward0",
  [Op.Slice]: "SliceBackward0",
  [Op.AsStrided]: "AsStridedBackward0",
  [Op.Clone]: "CloneBackward0",
  [Op.Copy]: "CopyBackwards",
  [Op.Fill]: "FillBackward2",
  [Op.AsStridedScatter]: "CopySlices",
  [Op.Cat]: "CatBackward0",
  [Op.Gather]: "GatherBackward0",
  [Op.ScatterAdd]: "ScatterAddBackward0",
  [Op.IndexSelect]: "IndexSelectBackward0",
  [Op.IndexAdd]: "IndexAddBackward0",
  [Op.IndexCopy]: "IndexCopyBackward0",
  [Op.Scatter]: "ScatterBackward0",
  [Op.Embed]: "ConstantPadNdBackward0",
  [Op.Flip]: "FlipBackward0",
};

/** Names that are not those of an op; their codes are kept in nodes. 0 stands for the op's own name. */
const names: string[] = [""];
const codes: Map<string, number> = new Map();

/** The code of a name, which is added if it is new. */
export function nameCode(name: string): number {
  const known = codes.get(name);
  if (known !== undefined) return known;
  names.push(name);
  codes.set(name, names.length - 1);
  return names.length - 1;
}

export function nodeName(op: Op, name: number): string {
  const code = name & NameWord.Code;
  return code === 0 ? (BY_OP[op] ?? "Backward0") : names[code];
}

/** Where the name of the node is kept that made a tensor, which must be fresh: no operation has run since. 0 without a node. */
function nameOf(t: TensorBase): number {
  if (t._g !== current) return 0;
  const node = i32()[(t._p + TensorField.Node) >>> 2];
  return node === 0 ? 0 : (node + NodeField.Name) >>> 2;
}

/** Gives the node of a fresh result another name, or its code: that of the composite whose last step it is. */
export function renamed<T extends TensorBase>(result: T, name: string | number): T {
  const at = nameOf(result);
  if (at !== 0) i32()[at] = (i32()[at] & ~NameWord.Code) | (typeof name === "number" ? name : nameCode(name));
  return result;
}

/** All inputs of the node of a fresh result count as saved, which PyTorch does where this is one step of several. */
export function savingInputs<T extends TensorBase>(result: T): T {
  return saving(result, NameWord.SavesInputs);
}

/** So does a fresh result itself. */
export function savingOutput<T extends TensorBase>(result: T): T {
  return saving(result, NameWord.SavesOutput);
}

function saving<T extends TensorBase>(result: T, what: NameWord): T {
  const at = nameOf(result);
  if (at !== 0) i32()[at] |= what;
  return result;
}
