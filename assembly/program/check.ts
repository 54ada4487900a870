/** What `infer` checks about elements, for a program whose arguments are others now. */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { classesFit } from "../ops/entropy";
import { divisorFits } from "../ops/binary";
import { isIndexOf } from "../ops/index";
import { Node } from "../tape/node";

/** False, with the status set, if an index is out of range or an integer is divided by 0. */
export function dataFits(n: Node): bool {
  switch (<i32>n.op) {
    case Op.Gather:
    case Op.IndexSelect:
    case Op.Scatter:
    case Op.ScatterAdd:
    case Op.IndexAdd:
    case Op.IndexCopy: return isIndexOf(n.input(1), n.input(0), n.int(0));
    case Op.Embedding: return isIndexOf(n.input(1), n.input(0), 0);
    case Op.CrossEntropy: return classesFit(n);
    case Op.FloorDivide:
    case Op.TruncDivide:
    case Op.Remainder:
    case Op.Fmod: return n.input(0).dtype != DType.Int32 || divisorFits(n);
    default: return true;
  }
}
