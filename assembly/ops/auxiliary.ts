/** What an operation makes beside its result: positions, statistics. It is one of the node's inputs, without gradient. */
import { Content } from "../abi/layout";
import { Node, replaceInput } from "../tape/node";
import { dataBecomes, Tensor, tensorAt } from "../tensor/record";

let auxiliary: usize = 0;

/** What the last operation that makes something beside its result has made. From now on somebody sees it. */
export function lastAuxiliary(): usize {
  if (auxiliary) dataBecomes(tensorAt(auxiliary), Content.Result);
  return auxiliary;
}

/** Whoever compares addresses with it does not meet one of before. */
export function forgetAuxiliary(): void {
  auxiliary = 0;
}

/** Hands out `t`, which input `i` of the node has been kept free for. */
export function setAuxiliary(n: Node, i: i32, t: Tensor): void {
  auxiliary = changetype<usize>(t);
  dataBecomes(t, Content.Hidden);
  replaceInput(n, i, auxiliary);
}
