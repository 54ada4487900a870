/** What the wasm module exports. Addresses are i32 as JavaScript sees them; 0 means that the status word says more. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  argsAddress(): number;

  op1(code: number, a: number, listLength: number): number;
  op2(code: number, a: number, b: number, listLength: number): number;
  opN(code: number, count: number, listLength: number): number;
  recompute(code: number, count: number, listLength: number): number;
  /** The second result of the operation that ran last. */
  lastAuxiliary(): number;
  hideSince(mark: number, count: number): void;
  create(dtype: number, ndim: number, inHeap: number): number;
  createOn(storage: number, dtype: number, ndim: number, offsetBytes: number, inHeap: number): number;
  copyElements(source: number, target: number): void;
  fillElements(target: number, bits: number): void;
  refreshView(t: number): number;
  release(t: number): void;
  clearGrad(leaf: number): void;
  isHeapStorage(t: number): number;
  retainStorage(storage: number): void;
  dropStorage(storage: number): void;
  disturb(storage: number): void;
  toNursery(gradient: number): number;

  sgdStep(parameter: number, gradient: number, buffer: number): void;
  adamStep(parameter: number, gradient: number, m: number, v: number, vmax: number): void;

  readonly programBytes: WebAssembly.Global;
  programGroup(): number;
  programGroupFree(group: number): void;
  programBegin(group: number): number;
  programPause(on: number): void;
  programCallout(returns: number): void;
  programInput(t: number): void;
  programOutput(t: number, lasts: number): void;
  programEnd(): void;
  programPlan(): number;
  programAbort(): void;
  programFree(program: number): void;
  programSettings(program: number): number;
  replay(program: number, from: number): number;

  setGradMode(on: number): number;
  setInference(on: number): void;
  walkFrom(root: number): number;
  walkBegin(keepGraph: number, selective: number): void;
  walkRoot(root: number): void;
  walkMark(rootList: number, count: number): number;
  walkCapture(node: number, on: number): void;
  savedMaskOf(node: number): number;
  retireNode(node: number): void;
  walkSeed(root: number, gradient: number): number;
  walkRun(): number;
  walkStep(): number;
  walkPassed(): number;
  walkPosition(): number;
  walkRuns(): number;
  walkGradient(node: number, output: number): number;
  walkReplace(output: number, replacement: number): number;
  walkHooked(): void;
  walkNext(): void;
  walkSend(input: number, gradient: number): number;
  walkLeaf(): number;
  walkLeafDone(addIt: number): number;
  walkLeafReplace(gradient: number): number;
  walkAbort(): number;
  walkDrop(): void;
  nodeBackward(node: number, gradient: number): number;
  savedIsIntact(node: number): number;
  accumulateGrad(leaf: number, gradient: number): number;
  external(inputCount: number, outputCount: number): number;

  tieAgain(t: number): void;
  tieList(): number;
  tieTotal(): number;

  alloc(bytes: number): number;
  free(block: number, bytes: number): void;
  setLimit(bytes: number): void;
  getLimit(): number;
  getUsed(): number;
  getPeak(): number;
  nurseryUsed(): number;
  nurseryFirst(): number;
  nurseryReset(): void;
  nurseryRelease(chunk: number, cursor: number, last: number): void;
  scopeChunk(): number;
  turnoverDue(): number;
  getCursor(): number;
  getLastChunk(): number;
  restoreRecord(bytes: number): number;
  restoreChunk(bytes: number, raw: number): number;
  recipeOf(chunk: number): number;
  relocateStart(table: number, entries: number): void;
  relocateChunk(chunk: number, used: number): void;
  setThresholds(softBytes: number, hardBytes: number): void;
  setStress(on: number): void;
  isStressed(): number;
  setWatched(on: number): void;
  pin(delta: number): void;
  getEscapes(): number;

  readonly pendingNodes: WebAssembly.Global;
  readonly rewalkableNodes: WebAssembly.Global;
  addPending(delta: number): void;
  addRewalkable(delta: number): void;
  getTapeTop(): number;
  setTapeTop(node: number): void;
  rewindTape(top: number, oldest: number): void;
  getOwnOldest(): number;
  startGeneration(id: number): void;
  referenceList(): number;
  referenceTotal(): number;
  adoptReference(storage: number): void;

  setThreads(count: number): void;
  setLeastWork(work: number): void;
  getServed(): number;
  newThread(): number;
  runThread(number: number, scratch: number): void;

  readonly randomStateBytes: WebAssembly.Global;
  randomSeed(state: number, seed: number): void;
  randomUniform(state: number, target: number, from: number, to: number): void;
  randomNormal(state: number, target: number, mean: number, std: number, oneByOne: number): void;
  randomBernoulli(state: number, target: number, p: number, value: number): void;
  randomBernoulliEach(state: number, probabilities: number, target: number): void;
  randomExponential(state: number, target: number, rate: number): void;
  randomIntegers(state: number, target: number, low: number, high: number): void;
  randomOrder(state: number, target: number): void;
  randomPlaces(state: number, weights: number, n: number, target: number): number;
}
