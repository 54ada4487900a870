/** Sources of random numbers: PyTorch's CPU generator, word for word. */
import { TensorError } from "./errors.ts";
import { recorder, refuse } from "./recording.ts";
import { core, u8 } from "./wasm.ts";

const STATE_BYTES: number = core.randomStateBytes.value as number;
/** PyTorch's seed of a generator that was given none. */
const DEFAULT_SEED = 67_280_421_310_721;

// Old compatibility dates of workerd have no FinalizationRegistry: there a generator keeps its 2.5 kB.
const registry: FinalizationRegistry<number> | null =
  typeof FinalizationRegistry === "undefined"
    ? null
    : /* @__PURE__ */ new FinalizationRegistry<number>((state) => core.free(state, STATE_BYTES));

/** 53 bits that nobody can foresee, where the platform gives them away. */
function entropy(): number {
  const words = new Uint32Array(2);
  try {
    globalThis.crypto.getRandomValues(words);
  } catch {
    // There is none, or, as in workerd while a module is evaluated, none yet: a model may be made there all the same.
    words.set(words.map(() => Math.random() * 2 ** 32));
  }
  return (words[0] & 0x1fffff) * 2 ** 32 + words[1];
}

/** What PyTorch seeds its Mersenne Twister with: the low 32 bits. */
function lowBits(seed: number | bigint): number {
  if (typeof seed !== "bigint" && !Number.isSafeInteger(seed)) {
    throw new TypeError(`manualSeed: expected an integer, got ${typeof seed === "number" ? seed : typeof seed}`);
  }
  return Number(BigInt.asUintN(32, BigInt(seed)));
}

/**
 * A source of random numbers of its own, for the option `generator` of whatever draws. It gives the numbers that PyTorch's
 * CPU generator gives for the same seed: a Mersenne Twister MT19937 (Matsumoto and Nishimura 1998,
 * doi:10.1145/272991.272995).
 * @example
 * const generator = new Generator().manualSeed(0);
 * rand(2, { generator }); // tensor([0.4963, 0.7682])
 */
export class Generator {
  #state = 0;
  #seed: number | bigint | null;

  /** @param seed to start from; null: one that nobody can foresee, taken when the first number is drawn */
  constructor(seed: number | bigint | null = DEFAULT_SEED) {
    this.#seed = seed;
  }

  /** @internal The address of the state, seeded if it has never been used. */
  address(): number {
    recorder?.keep(this);
    if (this.#state === 0) this.#start(this.#seed ?? entropy());
    return this.#state;
  }

  #start(seed: number | bigint): void {
    if (this.#state !== 0) this.#refuse();
    const bits = lowBits(seed);
    if (this.#state === 0) {
      this.#state = core.alloc(STATE_BYTES);
      if (this.#state === 0) throw new TensorError("out of memory for the state of a Generator");
      registry?.register(this, this.#state);
    }
    core.randomSeed(this.#state, bits);
    this.#seed = seed;
  }

  #refuse(): void {
    refuse("the state of a random generator", "Seed and restore generators outside of the compiled function.");
  }

  /** Starts anew from `seed`, of which the low 32 bits count. */
  manualSeed(seed: number | bigint): this {
    this.#start(seed);
    return this;
  }

  /** Starts anew from a seed that nobody can foresee, and returns it. */
  seed(): number {
    const seed = entropy();
    this.#start(seed);
    return seed;
  }

  /** The seed that it started from. */
  initialSeed(): number | bigint {
    this.address();
    return this.#seed as number | bigint;
  }

  /** All that decides on the numbers to come, as bytes. */
  getState(): Uint8Array {
    this.#refuse();
    const at = this.address() >>> 0;
    return u8().slice(at, at + STATE_BYTES);
  }

  /** Goes on from where `getState` was called. */
  setState(state: Uint8Array): this {
    this.#refuse();
    if (!(state instanceof Uint8Array) || state.length !== STATE_BYTES) {
      throw new TypeError(`setState: expected the ${STATE_BYTES} bytes that getState() gave`);
    }
    const at = this.address() >>> 0;
    u8().set(state, at);
    return this;
  }
}

/**
 * The generator that draws where none is given. It is seeded when it is used first: not at import, where some platforms forbid it.
 * @example
 * defaultGenerator.manualSeed(0);
 * rand(2); // tensor([0.4963, 0.7682])
 */
export const defaultGenerator: Generator = /* @__PURE__ */ new Generator(null);
