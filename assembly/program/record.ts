/** How primitives, derivatives and the gradients of leaves run while a program is recorded. */
import { Op } from "../abi/op";
import { Step } from "../abi/program";
import { backward, forward, isBinary, isUnary, isView } from "../ops/table";
import { wantedInputs } from "../tape/gradient";
import { layLike } from "../tape/leaf";
import { Node } from "../tape/node";
import { copyInto } from "../tensor/convert";
import { copySizes, newLastingTensor, release, sameShape, setContiguousStrides, Tensor, tensorAt } from "../tensor/record";
import { Words } from "./arena";
import { beginWhole, endWhole, log, logging, setLogging, unlog } from "./log";

/** forward(n), noted if a program is recorded. */
// @ts-ignore: decorator
@inline export function execute(n: Node): bool {
  return logging ? executeNoted(n) : forward(n);
}

/** backward(n, g), noted if a program is recorded. */
// @ts-ignore: decorator
@inline export function differentiate(n: Node, g: Tensor): bool {
  return logging ? differentiateNoted(n, g) : backward(n, g);
}

/** All that the primitive does is noted where it is done: pointwise kernels, copies, fills. */
function isNotedInside(op: i32): bool {
  if (isBinary(op) || isUnary(op) || isView(op) || (op >= Op.Eq && op <= Op.IsFinite)) return true;
  switch (op) {
    case Op.Lerp:
    case Op.Addcmul:
    case Op.Addcdiv:
    case Op.Fill:
    case Op.Clone: return true;
    default: return false;
  }
}

function executeNoted(n: Node): bool {
  if (isNotedInside(n.op)) return forward(n);
  const at = beginWhole(Step.Forward, n, 0, 0);
  const done = forward(n);
  endWhole(at);
  return done;
}

function differentiateNoted(n: Node, g: Tensor): bool {
  const op = <i32>n.op;
  switch (op) {
    case Op.Cast:
    case Op.Sum:
    case Op.Mean:
    case Op.Copy:
    case Op.AsStridedScatter:
    case Op.Cat:
    case Op.Embed:
    case Op.Flip: return backward(n, g);
  }
  if (isNotedInside(op)) return backward(n, g);
  const at = beginWhole(Step.Backward, n, changetype<usize>(g), wantedInputs(n));
  const known = backward(n, g);
  endWhole(at);
  if (!known) unlog(at);
  return known;
}

/** Leaves, and the tensors that hold their gradients in all programs of one function; in turn. */
let gradients: Words = changetype<Words>(0);

export function recordGradients(words: Words): void {
  gradients = words;
}

/** A counted tensor for the gradient of a leaf: the one that earlier programs used, if there is one. */
function gradientOf(leaf: Tensor): Tensor {
  let at: u32 = 0;
  while (at < gradients.count && gradients.get(at) != changetype<usize>(leaf)) at += 2;
  if (at < gradients.count) {
    const known = tensorAt(gradients.get(at + 1));
    if (sameShape(known, leaf)) return known;
    release(known);
  } else if (!gradients.push(changetype<usize>(leaf)) || !gradients.push(0)) {
    return changetype<Tensor>(0);
  }
  const fresh = newLastingTensor(leaf.dtype, leaf.ndim, leaf.numel);
  if (changetype<usize>(fresh)) {
    copySizes(leaf, fresh);
    setContiguousStrides(fresh);
    layLike(leaf, fresh);
  }
  store<usize>(gradients.at + (<usize>at << 2), changetype<usize>(fresh), 4);
  return fresh;
}

/** The first gradient of a leaf goes into the tensor that will hold it in each replay. */
export function firstGradient(leaf: Tensor, g: Tensor): bool {
  const own = gradientOf(leaf);
  if (!changetype<usize>(own)) return false;
  const noted = logging;
  if (noted) log(Step.FirstGrad, 0, changetype<usize>(leaf), changetype<usize>(g), 0, changetype<usize>(own));
  setLogging(false);
  copyInto(g, own);
  setLogging(noted);
  leaf.grad = changetype<usize>(own);
  own.refs++;
  return true;
}

/** Gives up the gradients of a function's leaves. */
export function freeGradients(words: Words): void {
  for (let i: u32 = 0; i < words.count; i += 2) if (words.get(i + 1)) release(tensorAt(words.get(i + 1)));
  words.clear();
}
