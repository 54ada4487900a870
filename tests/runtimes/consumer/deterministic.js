import { manualSeed, nn, optim, tensor } from "tapegrad/deterministic";
import { exercise } from "./exercise.js";

exercise({ manualSeed, nn, optim, tensor });
