/** Modules of the library whose intermediate results nobody can get hold of. */
import { isObserved } from "../autograd/observe.ts";
import { hasMadeSince, hideSince, mark } from "../core/intermediate.ts";
import { recorder } from "../core/recording.ts";
import { tensorsIn } from "../core/tree.ts";
import { CALLS } from "./callable.ts";
import { ownChildren } from "./members.ts";
import type { Module } from "./module.ts";

/** What the class that implements `forward` says of it: that it keeps none of the tensors which pass through, or when. */
interface ModuleClass {
  readonly _keepsNothing?: boolean | ((module: never) => boolean);
}

/** Runs part of a module's `forward`, and hides what it made on the way from everybody but the graph, if it can be sure of that. */
export function withIntermediates<T>(module: Module, run: () => T): T {
  const before = mark();
  const result = run();
  if (hasMadeSince(before) && recorder === null && !isObserved() && keepsNothing(module)) {
    hideSince(before, tensorsIn(result));
  }
  return result;
}

/** Neither the module nor one below it has hooks, or methods by somebody else. */
function keepsNothing(module: Module): boolean {
  if (module[CALLS].hooks !== null) return false;
  const first: Record<string, unknown> = Object.getPrototypeOf(module);
  if (Object.keys(module).some((name) => typeof first[name] === "function")) return false;
  let owner: object = first;
  while (!Object.hasOwn(owner, "forward")) {
    // A class in between may have a constructor, and nothing that the other's `forward` would call.
    if (Object.getOwnPropertyNames(owner).length > 1) return false;
    owner = Object.getPrototypeOf(owner);
  }
  if (!Object.hasOwn(owner.constructor, "_keepsNothing")) return false;
  const { _keepsNothing } = owner.constructor as ModuleClass;
  const says = typeof _keepsNothing === "function" ? _keepsNothing(module as never) : _keepsNothing;
  return says === true && ownChildren(module).every(([, child]) => keepsNothing(child));
}
