/** Says on every answer while something is refused, how much is: so that clients can ask for less before they have to. */
import type { DegradationStep, OverloadLimit } from "@mainspring/engine";

export const DEGRADATION_STEP = "degradation-step";

/** Headers as names and values in turn; the first ones of an answer. None while nothing is refused. */
export type StepNotice = () => readonly string[];

const NOTICES: Readonly<Record<DegradationStep, readonly string[]>> = {
  0: [],
  1: [DEGRADATION_STEP, "1"],
  2: [DEGRADATION_STEP, "2"],
  3: [DEGRADATION_STEP, "3"],
};

export function createStepNotice(overload: OverloadLimit | null): StepNotice {
  return overload === null ? () => NOTICES[0] : () => NOTICES[overload.step()];
}
