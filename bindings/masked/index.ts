/**
 * Reductions and normalisations of what a mask leaves: as the functions of the same names, with elements where the mask
 * is false left out. Masks are bool tensors that broadcast to the input. Where a mask leaves nothing, the result is that of
 * nothing, NaN or what changes nothing.
 */
export * from "./normalizations.ts";
export * from "./reductions.ts";
