import type { Tensor } from "tapegrad";
import type { Tapegrad } from "../peers/tapegrad.ts";
import { part } from "./training.ts";

/** A layer, as far as the training steps use it. */
export interface Layer<Output = Tensor> {
  (x: Tensor): Output;
  parameters(): Iterable<Tensor>;
}

/** Layers that not every version of the library has, made by name: `layer(tg, "Conv2d", 1, 8, 3, { padding: 1 })`. */
export function layer<Output = Tensor>(tg: Tapegrad, name: string, ...parameters: unknown[]): Layer<Output> {
  const Class = part<new (...parameters: unknown[]) => Layer<Output>>(tg, "nn", name);
  return new Class(...parameters);
}
