// Compiled, never run: the declarations, as strictly as a user may ask for, and without any DOM or Node types.
import { nn, optim, type Tensor, tensor } from "tapegrad";
import { tensor as sameTensor } from "tapegrad/deterministic";
import { init } from "tapegrad/manual";
import { max, tensor as slimTensor } from "tapegrad/slim";
import { Linear } from "tapegrad/slim/nn";
import { crossEntropy } from "tapegrad/slim/nn/functional";

const x: Tensor = tensor([1, 2, 3], { requiresGrad: true });
const y: Tensor = sameTensor([1, 2, 3]);
const model = new nn.Linear(2, 1);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
const loss: number = nn.functional.mseLoss(model(x), y).item();
optimizer.step();
init(new Uint8Array(0));
export const shape: readonly number[] = x.shape;
export const grad: Tensor | null = x.grad;
export { loss };

// @ts-expect-error: a tensor is not made of dates
tensor(new Date());

const slim = slimTensor([[1, 2]]);
crossEntropy(new Linear(2, 2)(slim).add(max(slim)), slimTensor([1])).backward();
// @ts-expect-error: a function in this entry, and no method
slim.max();
