import { manualSeed, max, mul, sin, tensor } from "tapegrad/slim";
import { grad } from "tapegrad/slim/autograd";
import * as nn from "tapegrad/slim/nn";
import * as optim from "tapegrad/slim/optim";
import { exercise } from "./exercise.js";

exercise({ manualSeed, nn, optim, tensor });

const x = tensor([1, 3, 2]);
if (max(x).item() !== 3) throw new Error("max: a function that is no method here");

const w = tensor(2, { requiresGrad: true });
const [first] = grad(mul(sin(w), w), [w], { createGraph: true });
const [second] = grad(first, [w]);
// (w sin w)" = 2 cos w - w sin w
if (Math.abs(second.item() - (2 * Math.cos(2) - 2 * Math.sin(2))) > 1e-6) throw new Error("a derivative is missing");

if ("max" in x || "svd" in x) throw new Error("a method that should not be in this entry");
