/** The step of degradation: entered when a share of a priority is refused, left when it wasn't for a while, told in the log now and then. */
import type { MemoryLevel, Telemetry } from "../ports.js";
import type { DegradationStep, RequestPriority } from "./overload-limit.js";
import { type Asked, refusedShare } from "./shares.js";

/** Of those who asked in a window: fewer refusals are a hiccup. */
const NOTABLE = 0.05;

/** A step is kept so long after the last window that called for it. */
const HOLD_MS = 3000;

/** There is no more than one line in the log in so long. */
const NOTE_EVERY_MS = 10_000;

const STEP_OF: Readonly<Record<RequestPriority, 1 | 2 | 3>> = { low: 1, read: 2, command: 3 };

/** What the shortage of memory has refused. */
const STEP_OF_MEMORY: Readonly<Record<MemoryLevel, DegradationStep>> = { 0: 0, 1: 0, 2: 1, 3: 2 };

export interface Degradation {
  /** What a window has shown. */
  see(asked: Asked, nowMs: number): void;
  /** To be called from time to time while the step isn't 0 or not told. @returns whether it need not be any more */
  look(facts: { readonly nowMs: number; readonly memory: MemoryLevel; readonly limit: number }): boolean;
  step(memory: MemoryLevel): DegradationStep;
  entered(): Readonly<Record<"1" | "2" | "3", number>>;
}

export function createDegradation(telemetry: Telemetry): Degradation {
  const calledForAtMs: Record<1 | 2 | 3, number> = { 1: -Infinity, 2: -Infinity, 3: -Infinity };
  const entered = { 1: 0, 2: 0, 3: 0 };
  let loadStep: DegradationStep = 0;
  let before: DegradationStep = 0;
  let told: DegradationStep = 0;
  let toldAtMs = -Infinity;
  let highest: DegradationStep = 0;
  const step = (memory: MemoryLevel): DegradationStep => {
    const ofMemory = STEP_OF_MEMORY[memory];
    return ofMemory > loadStep ? ofMemory : loadStep;
  };
  return {
    see(asked, nowMs) {
      for (const priority of ["low", "read", "command"] as const) {
        if (refusedShare(asked[priority]) >= NOTABLE) calledForAtMs[STEP_OF[priority]] = nowMs;
      }
    },
    look({ nowMs, memory, limit }) {
      loadStep = 0;
      for (const at of [1, 2, 3] as const) if (nowMs - calledForAtMs[at] < HOLD_MS) loadStep = at;
      const now = step(memory);
      for (const at of [1, 2, 3] as const) if (before < at && at <= now) entered[at] += 1;
      before = now;
      if (now > highest) highest = now;
      if (now === told && highest <= told) return now === 0;
      if (nowMs - toldAtMs < NOTE_EVERY_MS) return false;
      const facts = { step: now, before: told, highest, limit: Math.floor(limit) };
      telemetry.note(now === 0 ? "info" : "warn", MESSAGES[now], facts);
      told = now;
      toldAtMs = nowMs;
      highest = now;
      return now === 0;
    },
    step,
    entered: () => ({ ...entered }),
  };
}

const MESSAGES: Readonly<Record<DegradationStep, string>> = {
  0: "Nothing is refused any more.",
  1: "Overload: low-priority requests are refused.",
  2: "Overload: reads are refused.",
  3: "Overload: even commands are refused.",
};
