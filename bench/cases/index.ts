import type { Case } from "../harness/case.ts";
import cnnStep from "./cnn-step.ts";
import elementwise from "./elementwise.ts";
import growth from "./growth.ts";
import lstmStep from "./lstm-step.ts";
import matmul from "./matmul.ts";
import matmulShapes from "./matmul-shapes.ts";
import mlpStep from "./mlp-step.ts";
import moonsStep from "./moons-step.ts";
import reductions from "./reductions.ts";
import scalarChain from "./scalar-chain.ts";
import sinSquared from "./sin-squared.ts";
import startup from "./startup.ts";
import transcendental from "./transcendental.ts";
import transformerStep from "./transformer-step.ts";

/** Every case, in the order of the report; a file of this folder has the name of its case. */
export const CASES: Case[] = [
  scalarChain,
  sinSquared,
  moonsStep,
  mlpStep,
  cnnStep,
  lstmStep,
  transformerStep,
  matmul,
  matmulShapes,
  elementwise,
  transcendental,
  reductions,
  startup,
  growth,
] as unknown as Case[];
