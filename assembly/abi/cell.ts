/** Cells of recurrent layers. */
export const enum Cell {
  Tanh = 0,
  Relu = 1,
  Lstm = 2,
  Gru = 3,
}
