/** When prefetching is given up, and when it is tried again. */
import { describe, expect, it } from "vitest";
import {
  createWorth,
  MAX_RETRY_AFTER_MS,
  MIN_DECIDED,
  RETRY_AFTER_MS,
  SAMPLE_SIZE,
  wilsonInterval,
  type Worth,
} from "../../../src/cache/prefetch/worth.js";

const MIN_PRECISION = 0.25;

function decide(worth: Worth, { used, wasted }: { readonly used: number; readonly wasted: number }): void {
  for (let index = 0; index < used; index += 1) worth.noteDecided(true);
  for (let index = 0; index < wasted; index += 1) worth.noteDecided(false);
}

/** One that was given up at the instant 0. */
function givenUp(): Worth {
  const worth = createWorth({ minPrecision: MIN_PRECISION });
  decide(worth, { used: 0, wasted: MIN_DECIDED });
  worth.allowance(0, 0);
  return worth;
}

describe("Wilson's interval", () => {
  it("is what the tables say", () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20.
    const rounded = (used: number, decided: number): readonly number[] => {
      const { low, high } = wilsonInterval({ used, decided });
      return [Number(low.toFixed(4)), Number(high.toFixed(4))];
    };
    expect(rounded(81, 263)).toEqual([0.2553, 0.3662]);
    expect(rounded(15, 148)).toEqual([0.0624, 0.1605]);
    expect(rounded(0, 20)).toEqual([0, 0.1611]);
  });

  it("is everything before anything is known", () => {
    expect(wilsonInterval({ used: 0, decided: 0 })).toEqual({ low: 0, high: 1 });
  });
});

describe("prefetching", () => {
  it("goes on while too few are decided, however bad", () => {
    const worth = createWorth({ minPrecision: MIN_PRECISION });
    decide(worth, { used: 0, wasted: MIN_DECIDED - 1 });
    expect(worth.allowance(0, 0)).toBe(Infinity);
    expect(worth.isOn()).toBe(true);
  });

  it("goes on while the true share may still be high enough", () => {
    const worth = createWorth({ minPrecision: MIN_PRECISION });
    decide(worth, { used: 10, wasted: 40 });
    expect(worth.allowance(0, 0)).toBe(Infinity);
  });

  it("stops when it is surely too low", () => {
    const worth = createWorth({ minPrecision: MIN_PRECISION });
    decide(worth, { used: 5, wasted: 45 });
    expect(worth.allowance(0, 0)).toBe(0);
    expect(worth.isOn()).toBe(false);
  });

  it("stops also when it was good for long before", () => {
    const worth = createWorth({ minPrecision: MIN_PRECISION });
    decide(worth, { used: 10_000, wasted: 0 });
    decide(worth, { used: 0, wasted: 3_000 });
    expect(worth.allowance(0, 0)).toBe(0);
  });
});

describe("after it was given up", () => {
  it("nothing is allowed for the stated time, then a sample and no more", () => {
    const worth = givenUp();
    expect(worth.allowance(RETRY_AFTER_MS - 1, 0)).toBe(0);
    expect(worth.allowance(RETRY_AFTER_MS, 0)).toBe(SAMPLE_SIZE);
    expect(worth.allowance(RETRY_AFTER_MS, 30)).toBe(SAMPLE_SIZE - 30);
    decide(worth, { used: 5, wasted: 5 });
    expect(worth.allowance(RETRY_AFTER_MS, 30)).toBe(SAMPLE_SIZE - 40);
  });

  it("a good sample brings it back", () => {
    const worth = givenUp();
    worth.allowance(RETRY_AFTER_MS, 0);
    decide(worth, { used: 25, wasted: 25 });
    expect(worth.allowance(RETRY_AFTER_MS, 0)).toBe(Infinity);
    expect(worth.isOn()).toBe(true);
  });

  it("a bad one stops it again, each time for twice as long, up to a bound", () => {
    const worth = givenUp();
    let nowMs = 0;
    let pauseMs = RETRY_AFTER_MS;
    for (let times = 0; times < 10; times += 1) {
      expect(worth.allowance(nowMs + pauseMs - 1, 0)).toBe(0);
      nowMs += pauseMs;
      expect(worth.allowance(nowMs, 0)).toBe(SAMPLE_SIZE);
      decide(worth, { used: 12, wasted: 38 });
      expect(worth.allowance(nowMs, 0)).toBe(0);
      pauseMs = Math.min(2 * pauseMs, MAX_RETRY_AFTER_MS);
    }
    expect(pauseMs).toBe(MAX_RETRY_AFTER_MS);
  });
});
