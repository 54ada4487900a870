const { manualSeed, nn, optim, tensor } = require("tapegrad");

import("./exercise.js").then(({ exercise }) => exercise({ manualSeed, nn, optim, tensor }));
