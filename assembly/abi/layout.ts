/**
 * Where things are in linear memory, in bytes. The core's record classes assert these numbers when it is compiled; the
 * bindings read records through them.
 *
 * Objects of the nursery follow one another without gaps. The first word of each is `size | kind`, size in bytes and a
 * multiple of 16, so that a chunk can be parsed from its start (see tape/relocate.ts).
 */
export const enum Kind {
  Tensor = 1,
  Storage = 2,
  Node = 3,
}

/** Byte offsets in a tensor record; `Dims` is followed by ndim sizes and ndim strides (i32, in elements). */
export const enum TensorField {
  Head = 0,
  Data = 4,
  Storage = 8,
  Numel = 12,
  DType = 16,
  NDim = 17,
  Flags = 18,
  Node = 20,
  Grad = 24,
  Base = 28,
  Pending = 32,
  Refs = 36,
  Slot = 40,
  Rewrites = 44,
  Dims = 48,
}

export const enum TensorFlag {
  RequiresGrad = 1,
  Contiguous = 2,
  /** A differentiable view: `base` is the tensor whose memory it shares. */
  View = 4,
  /** The record lives in the heap and is counted in `refs`. */
  Heap = 8,
  /** A non-leaf whose gradient is kept. */
  RetainsGrad = 16,
  /** A view made while grad mode was off. */
  NoGradView = 32,
  /** One of several views that one function returned. */
  MultiView = 64,
  /** Made by a custom function from an input; together with NoGradView: made in inference mode. */
  CustomView = 128,
  Inference = 256,
  /** The node this tensor came from has been given up with its generation. */
  GraphFreed = 512,
  /** The running walk has queued this leaf. */
  Queued = 1024,
  Parameter = 2048,
  /** Wanted by the running walk: gradients are captured rather than accumulated. */
  Wanted = 4096,
}

/** What a chunk of the nursery holds: objects, or nothing but data ("raw"). The lowest bits of a word. */
export const enum Content {
  Mask = 15,
  Objects = 0,
  /** The data of a result. The word's other bits: the node by which it can be computed again, 0 if there is none. */
  Result = 1,
  /** The data of a result that nobody but a graph can see: of no use once no graph is pending. */
  Hidden = 2,
  /** Data that was given, or has come back. */
  Kept = 3,
}

export const enum StorageField {
  Head = 0,
  Data = 4,
  Bytes = 8,
  Version = 12,
  Refs = 16,
  Stamp = 20,
  Owner = 24,
  Flags = 28,
  /** Byte size of the record; small data follows at once. */
  SIZE = 32,
}

export const enum StorageFlag {
  /** Counted in `refs`, freed when that reaches 0. */
  Heap = 1,
  /** Data lies behind the record in the same block. */
  Inline = 2,
  /** Belongs to a program (assembly/program/). */
  Program = 4,
  /** Came to the heap by its age and has not been written to since. */
  Steady = 8,
  /** The bindings want to know before it is written to (bindings/core/lease.ts). */
  Leased = 16,
  /** Elements were changed that no version tells of. */
  Disturbed = 32,
  /** How many turnovers it has survived, in units of this. */
  AgeUnit = 64,
}

/** Byte offsets in a node; `Inputs` is followed by inputs of 16 bytes and then by the op's list of attributes. */
export const enum NodeField {
  Head = 0,
  Op = 4,
  InputCount = 6,
  Flags = 7,
  Prev = 8,
  Out = 12,
  Grad = 16,
  Slot = 20,
  /** Two f64 scalars, or four i32. */
  Attr = 24,
  /** NameWord: name under which it is printed, 0 for the op's own, and what is saved. */
  Name = 40,
  OutVersion = 44,
  Inputs = 48,
}

/** The word at NodeField.Name: the code of the name, then a byte that says what is saved (Saved in ops/table.ts). */
export const enum NameWord {
  Code = 0xffff,
  /** All inputs count as saved: the node is part of something that PyTorch does in one step and saves them for. */
  SavesInputs = 0x70000,
  /** Its result too. */
  SavesOutput = 0x80000,
}

/** An edge that leads neither to a node nor to a leaf. */
export const enum Edge {
  /** To a graph whose nodes went with their generation. */
  Freed = 2,
}

export const enum InputField {
  /** Where the gradient goes: a node, or a leaf tensor with bit 0 set, or 0. */
  Edge = 0,
  Tensor = 4,
  Version = 8,
  /** Which output of the edge's node this is. */
  EdgeOut = 12,
  SIZE = 16,
}

export const enum NodeFlag {
  /** The saved tensors have been freed by a walk. */
  Freed = 1,
  /** Has hooks (slot). */
  Hooked = 2,
  /** The bindings run it: its derivative is theirs, or hooks and packed tensors of theirs take part (slot). */
  External = 4,
  /** Needed by the running walk (when only some inputs are wanted). */
  Needed = 8,
  /** Its output's gradient is wanted by the running walk. */
  Captured = 16,
  /** Counted as pending. */
  Pending = 32,
  /** Met while looking for what the running walk needs. */
  Reached = 64,
  /** Gradients of outputs other than the first are waiting (External nodes; see tape/external.ts). */
  Outputs = 128,
}

/** The argument block: one fixed area through which calls pass what does not fit in a few integers. */
export const enum Args {
  /** i32: Status. */
  Status = 0,
  /** Up to 14 i32 that say more about the status. */
  Detail = 4,
  /** Two f64 scalars, or four i32, copied into the node. */
  Attr = 64,
  /** i32: name code of the next node, 0 for the op's own. */
  Name = 80,
  /** i32: how often linear memory has grown, after which views on it are out of date. */
  Grown = 84,
  /** Lists: shapes, strides, operand pointers. */
  List = 96,
  BYTES = 16384,
}

/** Most dimensions that a tensor can have, as in PyTorch. */
export const enum Limit {
  Rank = 64,
}
