/** What an exported operation reports in the status word of the argument block when it returns 0. */
export const enum Status {
  Ok = 0,
  /** The nursery is full enough to be turned over before this operation runs; nothing has changed, call again. */
  Turnover = 1,
  /** Not enough memory: detail 0 is the number of bytes that were asked for. */
  OutOfMemory = 2,
  /** Shapes do not broadcast: size of a, size of b, dimension. */
  Broadcast = 3,
  /** The operand dtypes differ or are not supported: dtype of a, dtype of b. */
  DTypes = 4,
  /** The result of an in-place operation has another shape than its target. */
  InPlaceShape = 5,
  /** Matrix sizes do not fit. */
  MatmulSizes = 6,
  /** A leaf that requires grad (or a view of one: detail 0 is 1) is written in place. */
  InPlaceLeaf = 7,
  /** A written-to tensor refers to one memory location more than once. */
  InPlaceOverlap = 8,
  /** An index is out of range: the index, its position. */
  IndexRange = 9,
  /** Element counts do not fit: count of a, count of b. */
  Count = 10,
  /** Reduction over nothing that has no neutral element: the dimension. */
  EmptyReduction = 11,
  /** Sizes differ in a dimension that must agree: size, expected size, position of the operand, dimension. */
  SizeMismatch = 12,
  /** Saved for backward, and modified since: node, input number (-1: output), version found, version expected. */
  ModifiedInPlace = 13,
  /** The walk met a node whose saved tensors have been freed. */
  Freed = 14,
  /** A view made without grad is used, whose base has been written to through the graph since. */
  NoGradViewChanged = 15,
  /** A view is written in place while grad is recorded: the bindings go through its base. */
  InPlaceThroughView = 17,
  /** Too many dimensions. */
  Rank = 16,
  /** Saved for backward, and cut out of its graph by detach_() since: node. */
  SavedDetached = 18,
  /** An inference tensor would have to be saved for backward. */
  InferenceSaved = 19,
  /** An inference tensor is written in place outside of inference mode. */
  InferenceInPlace = 20,
  /** A divisor among integers is 0. */
  ZeroDivision = 21,
}

/** Why the walk hands over to the caller (result of walkRun). */
export const enum WalkEvent {
  Done = 0,
  /** A node has hooks that must see (and may replace) its gradient first. */
  Hook = 1,
  /** A node whose derivative is not in the core. */
  Rule = 2,
  /** A leaf with hooks or a gradient that the caller keeps. */
  Leaf = 3,
  Error = 4,
  /** walkStep only: a node has run, or the gradient of a leaf has been accumulated. */
  Passed = 5,
}
