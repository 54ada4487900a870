/** Pointwise operations on three tensors of floats that broadcast together. Their derivatives are in the bindings. */
import { DType } from "../abi/dtype";
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { Node } from "../tape/node";
import { broadcastStart, broadcastWith } from "../tensor/broadcast";
import { Tensor } from "../tensor/record";
import { broadcastTensor, fitsInPlace } from "./binary";
import { zip3 } from "./pointwise";

function supported(n: Node): bool {
  for (let i = 0; i < 3; i++) {
    if (n.input(i).dtype == DType.Float32) continue;
    fail(Status.DTypes, n.input(0).dtype, n.input(i).dtype);
    return false;
  }
  return true;
}

export function ternaryInfer(n: Node): Tensor {
  if (!supported(n)) return changetype<Tensor>(0);
  broadcastStart(n.input(0));
  if (!broadcastWith(n.input(1)) || !broadcastWith(n.input(2))) return changetype<Tensor>(0);
  return broadcastTensor(DType.Float32);
}

export function ternaryInferInPlace(n: Node): bool {
  return supported(n) && fitsInPlace(n.input(0), n.input(1)) && fitsInPlace(n.input(0), n.input(2));
}

export function ternaryForward(n: Node): void {
  zip3(n.op, n.input(0), n.input(1), n.input(2), n.output(), n.s0);
}
