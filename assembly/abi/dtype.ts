/** Element types. The order is that of type promotion: bool < int32 < float32. */
export const enum DType {
  Bool = 0,
  Int32 = 1,
  Float32 = 2,
}
