/** What becomes of an element when another is written to its place. */
export const enum Combine {
  Replace = 0,
  Add = 1,
  Multiply = 2,
  Max = 3,
  Min = 4,
}
