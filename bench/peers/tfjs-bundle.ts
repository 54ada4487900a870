// tfjs as its users ship it: one bundle. (Its packages as they are do not register their gradients in Node.)
import "@tensorflow/tfjs-core/dist/register_all_gradients";

export { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
export * from "@tensorflow/tfjs-core";
