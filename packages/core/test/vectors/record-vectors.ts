/** Records the histories of the present rules version. Run on purpose: `npm run vectors:record -w @mainspring/core`. */
import { existsSync, writeFileSync } from "node:fs";
import { sample } from "fast-check";
import { expect, test } from "vitest";
import * as core from "../../src/index.js";
import { EPOCH_MS, buildCatalog } from "../generate/build-catalog.js";
import { type HistoryPlan, historyPlan } from "../generate/history-plan.js";
import { playHistory, type ResolvedStep, timelineOf } from "../laws/play-history.js";
import { playVector, type VectorInputs } from "./play-vector.mjs";
import { type Vector, type VectorSet, vectorsPath } from "./vector-set.js";

const HISTORIES = 40;

/** The inputs are kept with the outputs, so that this only matters when a set is recorded. */
const SEED = 1;

/** Some in which next to nothing happens, most with a few, some with many cycles. */
const LEAST_CYCLES = 5;
const CANDIDATES = 400;

/** Every so many is kept in full. */
const IN_FULL = 10;

/** What a plan comes to when the oracle agrees with it at every step, or `null` if that is dull. */
function inputsOf(plan: HistoryPlan): VectorInputs | null {
  const steps: ResolvedStep[] = [];
  const { cycles } = playHistory(core, plan, { onStep: (step) => steps.push(step) });
  if (cycles < LEAST_CYCLES) return null;
  const { entries } = timelineOf(core, plan);
  const inputs: VectorInputs = {
    seed: Buffer.from(plan.seed).toString("hex"),
    catalogs: [undefined, ...plan.changes].map((change) => buildCatalog(plan.catalog, change)),
    entries: entries.map(({ atMs }, catalog) => ({ atMs, catalog })),
    createdAtMs: EPOCH_MS,
    steps,
  };
  // As it will be read: JSON has no NaN.
  return JSON.parse(JSON.stringify(inputs)) as VectorInputs;
}

test(`record the vectors of rules version ${core.RULES_VERSION}`, () => {
  const mayReplace = process.env["MAINSPRING_REPLACE_VECTORS"] === "1";
  if (existsSync(vectorsPath) && !mayReplace) {
    throw new Error(
      `${vectorsPath} is there. When the rules change, raise RULES_VERSION and record another set. --replace records this one anew.`,
    );
  }
  const plans = sample(historyPlan, { numRuns: CANDIDATES, seed: SEED });
  const inputs = plans.flatMap((plan) => inputsOf(plan) ?? []).slice(0, HISTORIES);
  expect(inputs).toHaveLength(HISTORIES);
  const histories = inputs.map((history, index): Vector => {
    const { digests, state, events } = playVector(core, history);
    return { inputs: history, digests, end: index % IN_FULL === 0 ? { state, events } : null };
  });
  const set: VectorSet = { rulesVersion: core.RULES_VERSION, histories };
  const lines = histories.map((history) => JSON.stringify(history)).join(",\n");
  writeFileSync(
    vectorsPath,
    `{\n"rulesVersion": ${set.rulesVersion},\n"histories": [\n${lines}\n]\n}\n`,
  );
});
