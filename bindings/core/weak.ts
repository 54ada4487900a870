/** Weak references, where the platform has them. */
export interface Weak<T> {
  deref(): T | undefined;
}

/** Refers to `value` without keeping it alive. Old compatibility dates of workerd have no WeakRef: there it is kept. */
export function weakly<T extends object>(value: T): Weak<T> {
  return typeof WeakRef === "undefined" ? { deref: () => value } : new WeakRef(value);
}
