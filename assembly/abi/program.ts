/**
 * Programs: recorded steps of a compiled function (assembly/program/). A step is 40 bytes:
 *
 *   | kind u16 | code u16 | a | b | c | out | n | s0 f64 | s1 f64 |
 */
export const enum Step {
  /** Dropped by the planner. */
  None = 0,

  // pointwise: operands a, b, c and the result are tensors
  Map,
  Zip,
  Zip3,
  /** The result takes the elements of a. */
  Copy,
  /** n is the bit pattern. */
  Fill,
  /** Rows of a summed: n outer, s0 as two i32: summed, inner. */
  Sum,

  // whole primitives: a is the node; c to n are the tensors made inside (program/arena.ts)
  Forward,
  /** b is the gradient of the output. */
  Backward,

  /** Random numbers: code says which, a is the state of the generator, b another operand, n an integer. */
  Draw,

  // optimizers: parameter a, gradient b, state c, out and n; s0 as i32 is the number of the settings
  Sgd,
  Adam,

  /** The gradient b becomes that of the leaf a, in the tensor `out`, which is the leaf's from then on. */
  FirstGrad,
  /** The leaf a loses its gradient. */
  ClearGrad,

  /** Something of the bindings runs. */
  Callout,
  /** The function returned: results are handed out. What follows is the derivative. */
  Return,

  // what the planner makes of steps on dense tensors: addresses of elements in the place of tensors, n elements
  MapDense,
  ZipDense,
  CopyBytes,
  /** In stress mode: elements that nobody needs any more are overwritten. */
  Poison,
}

export const enum StepField {
  Kind = 0,
  Code = 2,
  A = 4,
  B = 8,
  C = 12,
  Out = 16,
  N = 20,
  S0 = 24,
  S1 = 32,
  SIZE = 40,
}

/** What `replay` answers; above 0: the step at which the bindings go on. */
export const enum Replayed {
  Done = 0,
  Failed = -1,
  Turnover = -2,
}

/** Doubles for one step of an optimizer, in the program's settings. */
export const enum Settings {
  COUNT = 8,
}

/** Draws by number. */
export const enum Draw {
  Uniform,
  Normal,
  NormalOneByOne,
  Bernoulli,
  BernoulliEach,
  Exponential,
  Integers,
  Order,
  Places,
}
