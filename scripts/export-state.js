/**
 * A transform of the compiler: exports every global that code changes, as `$0`, `$1` and so on. Together with the memory
 * they are all of the core's state, which can so be moved to another instance (bindings/core/threads.ts).
 */
export default class ExportState {
  afterCompile(module) {
    const changed = new Set(module.emitText().match(/(?<=\(global\.set )\$\S+/g));
    let count = 0;
    for (const name of changed) module.addGlobalExport(name.slice(1).replace(/^"|"$/g, ""), `$${count++}`);
  }
}
