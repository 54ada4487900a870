/**
 * Base of all errors that this library throws. After any of them every tensor is as it was, and the library works on.
 * @example new ShapeError("sizes do not fit") instanceof TensorError // true
 */
export class TensorError extends Error {
  override name = "TensorError";
}

/**
 * Sizes do not fit.
 * @example ones(2).add(ones(3)) // throws The size of tensor a (2) must match the size of tensor b (3)
 */
export class ShapeError extends TensorError {
  override name = "ShapeError";
}

/**
 * An operation does not take tensors of this dtype.
 * @example ones(2).bitwiseNot() // throws "bitwise_not" not implemented for 'Float'
 */
export class DTypeError extends TensorError {
  override name = "DTypeError";
}

/** An index, or a dimension, is out of range. @example ones(2).select(0, 5) // throws index 5 out of range */
export class IndexError extends TensorError {
  override name = "IndexError";
}

/**
 * What was asked of the graph cannot be done: no grad, freed, modified in place.
 * @example ones(2).sum().backward() // throws element 0 of tensors does not require grad and does not have a grad_fn
 */
export class GradError extends TensorError {
  override name = "GradError";
}

/**
 * Memory is used up, or the limit of `memory.setLimit` is reached.
 * @example new OutOfMemoryError("out of memory") instanceof TensorError // true
 */
export class OutOfMemoryError extends TensorError {
  override name = "OutOfMemoryError";
}

/**
 * A tensor was used after `dispose()` or after the end of its scope.
 * @example
 * const x = ones(2);
 * x.dispose();
 * x.add(1); // throws this tensor was used after dispose()
 */
export class DisposedError extends TensorError {
  override name = "DisposedError";
}

/**
 * A matrix is singular, or not positive-definite, or an algorithm did not converge.
 * @example linalg.inv(zeros(2, 2)) // throws the input matrix is singular
 */
export class LinAlgError extends TensorError {
  override name = "LinAlgError";
}
