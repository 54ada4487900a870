/** Imported by the startup case: what importing costs by itself. */
export {};
