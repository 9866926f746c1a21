/** Recorded histories come out the same, bit for bit: in every release of a rules version, in every JavaScript engine. */
import { beforeAll, describe, expect, test } from "vitest";
import * as core from "../../src/index.js";
import { build } from "../planted-bugs/mutant.js";
import { playVector, type VectorOutputs } from "./play-vector.mjs";
import { playInQuickJs } from "./quickjs.js";
import { readVectors } from "./vector-set.js";

const { rulesVersion, histories } = readVectors();

function expectRecorded(outputs: readonly VectorOutputs[]): void {
  expect(outputs).toHaveLength(histories.length);
  for (const [index, { digests, end }] of histories.entries()) {
    if (end !== null) expect(outputs[index], `history ${index}`).toMatchObject(end);
    expect(outputs[index]?.digests, `history ${index}, step by step`).toEqual(digests);
  }
}

describe(`the recorded histories of rules version ${core.RULES_VERSION}`, () => {
  test("are there", () => {
    expect(rulesVersion).toBe(core.RULES_VERSION);
    expect(histories.length).toBeGreaterThanOrEqual(40);
  });

  test("come out the same in this engine", () => {
    expectRecorded(histories.map(({ inputs }) => playVector(core, inputs)));
  });

  describe("in another engine", () => {
    beforeAll(build);

    test("come out the same in QuickJS", async () => {
      expectRecorded(await playInQuickJs(histories.map(({ inputs }) => inputs)));
    });
  });
});
