import { manualSeed, nn, optim, tensor } from "tapegrad";
import { exercise } from "./exercise.js";

exercise({ manualSeed, nn, optim, tensor });
