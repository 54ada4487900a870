import core from "tapegrad/core.relaxed.wasm";
import { init, manualSeed, nn, optim, tensor } from "tapegrad/manual";
import { exercise } from "./exercise.js";

init(core);
exercise({ manualSeed, nn, optim, tensor });
