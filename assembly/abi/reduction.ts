/** What becomes of the losses of single rows. */
export const enum Reduction {
  None = 0,
  Mean = 1,
  Sum = 2,
}
