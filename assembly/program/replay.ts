/** Runs a program: one loop over its steps. */
import { Args, TensorFlag } from "../abi/layout";
import { Replayed, Step, StepField } from "../abi/program";
import { Status } from "../abi/status";
import { sum } from "../parallel/reduce";
import { ARGS, fail, listAt } from "../memory/args";
import { turnoverWanted } from "../memory/nursery";
import { mapRow, zipRow } from "../ops/dispatch";
import { adamWith, sgdWith } from "../ops/optim";
import { map, zip, zip3 } from "../ops/pointwise";
import { draw } from "../ops/random";
import { backward, forward } from "../ops/table";
import { replayEnd, replayStart } from "../tape/gradient";
import { nodeAt } from "../tape/node";
import { copyInto, fillInto } from "../tensor/convert";
import { newLike, release, Storage, Tensor, tensorAt } from "../tensor/record";
import { Arena, replayFrom, setArenaMode } from "./arena";
import { dataFits } from "./check";
import { Program } from "./program";

/**
 * Runs from the first step, with the arguments' addresses in the list, or from `from` on, which an earlier call returned, or
 * the derivative if that is -1. Results are in the list when the function returns.
 */
export function replay(program: usize, from: i32): i32 {
  const p = changetype<Program>(program);
  let at = p.steps + <usize>(from < 0 ? p.returnAt : from) * StepField.SIZE;
  const end = p.steps + <usize>p.stepCount * StepField.SIZE;
  if (from == 0) {
    if (turnoverWanted(true, true, false)) {
      fail(Status.Turnover);
      return Replayed.Turnover;
    }
    for (let i: u32 = 0; i < p.inputs.count && listAt(i); i++) {
      copyInto(tensorAt(<usize>listAt(i)), tensorAt(p.inputs.get(i)));
    }
  }
  for (; at < end; at += StepField.SIZE) {
    const a = load<usize>(at, StepField.A);
    const out = load<usize>(at, StepField.Out);
    switch (<i32>load<u16>(at)) {
      case Step.MapDense: {
        const n = load<i32>(at, StepField.N);
        const stride = i32(n != 1);
        mapRow(
          load<u16>(at, StepField.Code), load<i32>(at, StepField.C), a, stride, out, stride, n, load<f64>(at, StepField.S0),
          load<f64>(at, StepField.S1),
        );
        break;
      }
      case Step.ZipDense: {
        const n = load<i32>(at, StepField.N);
        const stride = i32(n != 1);
        zipRow(
          load<u16>(at, StepField.Code), load<i32>(at, StepField.C), a, stride, load<usize>(at, StepField.B), stride, out, stride, n,
          load<f64>(at, StepField.S0), load<f64>(at, StepField.S1),
        );
        break;
      }
      case Step.Poison: memory.fill(out, 0xa5, load<u32>(at, StepField.N)); break;
      case Step.CopyBytes: memory.copy(out, a, load<u32>(at, StepField.N)); break;
      case Step.Map: map(load<u16>(at, StepField.Code), tensorAt(a), tensorAt(out), load<f64>(at, StepField.S0), load<f64>(at, StepField.S1)); break;
      case Step.Zip: {
        const b = tensorAt(load<usize>(at, StepField.B));
        zip(load<u16>(at, StepField.Code), tensorAt(a), b, tensorAt(out), load<f64>(at, StepField.S0), load<f64>(at, StepField.S1));
        break;
      }
      case Step.Zip3: {
        const b = tensorAt(load<usize>(at, StepField.B));
        const c = tensorAt(load<usize>(at, StepField.C));
        zip3(load<u16>(at, StepField.Code), tensorAt(a), b, c, tensorAt(out), load<f64>(at, StepField.S0));
        break;
      }
      case Step.Copy: copyInto(tensorAt(a), tensorAt(out)); break;
      case Step.Fill: fillInto(tensorAt(out), load<i32>(at, StepField.N)); break;
      case Step.Sum: {
        sum(a, load<i32>(at, StepField.N), load<i32>(at, StepField.S0), load<i32>(at, StepField.S0 + 4), out);
        break;
      }
      case Step.Forward:
      case Step.Backward: {
        if (!runWhole(p, at)) return Replayed.Failed;
        break;
      }
      case Step.Draw: {
        const b = load<usize>(at, StepField.B);
        const drawn = draw(
          load<u16>(at, StepField.Code), a, out, b, load<i32>(at, StepField.N), load<f64>(at, StepField.S0),
          load<f64>(at, StepField.S1),
        );
        if (!drawn) return Replayed.Failed;
        break;
      }
      case Step.Sgd: sgdWith(a, load<usize>(at, StepField.B), load<usize>(at, StepField.C), settingsOf(p, at)); break;
      case Step.Adam: {
        const n = load<usize>(at, StepField.N);
        adamWith(a, load<usize>(at, StepField.B), load<usize>(at, StepField.C), out, n, settingsOf(p, at));
        break;
      }
      case Step.FirstGrad: {
        const g = load<usize>(at, StepField.B);
        if (g) copyInto(tensorAt(g), tensorAt(out));
        setGradient(tensorAt(a), out);
        break;
      }
      case Step.ClearGrad: setGradient(tensorAt(a), 0); break;
      case Step.Callout: {
        touch(p);
        return <i32>((at - p.steps) / StepField.SIZE) + 1;
      }
      case Step.Return: {
        touch(p);
        return giveResults(p) ? Replayed.Done : Replayed.Failed;
      }
    }
  }
  touch(p);
  return Replayed.Done;
}

// @ts-ignore: decorator
@inline function settingsOf(p: Program, at: usize): usize {
  return p.settings + (<usize>load<i32>(at, StepField.S0) << 6);
}

/** A primitive or its derivative, with the tensors that it made when it was recorded. */
function runWhole(p: Program, at: usize): bool {
  const n = nodeAt(load<usize>(at, StepField.A));
  const isForward = load<u16>(at) == Step.Forward;
  if (isForward && !dataFits(n)) return false;
  replayFrom(p.inside.at + (load<usize>(at, StepField.C) << 2));
  setArenaMode(Arena.Replaying);
  let done: bool;
  if (isForward) {
    done = forward(n);
  } else {
    replayStart(load<u64>(at, StepField.S0));
    backward(n, tensorAt(load<usize>(at, StepField.B)));
    done = replayEnd();
  }
  setArenaMode(Arena.Off);
  if (!done) fail(Status.OutOfMemory);
  return done;
}

function setGradient(leaf: Tensor, gradient: usize): void {
  if (leaf.grad == gradient) return;
  if (leaf.grad) release(tensorAt(leaf.grad));
  leaf.grad = gradient;
  if (gradient) tensorAt(gradient).refs++;
}

/** What belongs to others and was written to. */
function touch(p: Program): void {
  for (let i: u32 = 0; i < p.touched.count; i++) changetype<Storage>(p.touched.get(i)).version++;
}

/** Copies of the results, in the nursery; their addresses go into the list. */
function giveResults(p: Program): bool {
  for (let i: u32 = 0; i < p.outputs.count; i++) {
    const t = tensorAt(p.outputs.get(i));
    const copy = newLike(t, t.dtype);
    if (!changetype<usize>(copy)) return false;
    copyInto(t, copy);
    store<usize>(ARGS + (<usize>i << 2), changetype<usize>(copy), Args.List);
  }
  return true;
}
