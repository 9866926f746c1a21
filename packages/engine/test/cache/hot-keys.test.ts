/** The sketch of the most asked keys, against exact counts. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHotKeys, HOT_KEY_CAPACITY } from "../../src/cache/hot-keys.js";
import { check } from "../batch/replay.js";
import { seededRandom } from "../store/seeded-random.js";

/** A request for a key, or `null`: counts fade. */
const requests = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 0, max: 40 }).map((power) => Math.floor(1.1 ** power)) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  { maxLength: 1_000, size: "max" },
);

/** Keys by a Zipf distribution: the key of rank r is asked for 1/r as often as the first. */
function zipf(keyCount: number, fraction: () => number): () => string {
  const sums: number[] = [];
  for (let rank = 1; rank <= keyCount; rank += 1) sums.push((sums.at(-1) ?? 0) + 1 / rank);
  const total = sums.at(-1) ?? 0;
  return () => {
    const drawn = fraction() * total;
    let [low, high] = [0, keyCount - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    return `key-${low + 1}`;
  };
}

const everyRequest = () => 0;

describe("with every request counted", () => {
  it("a true count, faded alike, lies from count − maxError to count, and the hottest come first", async () => {
    await check(fc.tuple(requests, fc.integer({ min: 1, max: 12 })), async ([asked, capacity]) => {
      const keys = createHotKeys({ random: everyRequest, capacity, oneIn: 1 });
      const exact = new Map<string, number>();
      for (const number of asked) {
        if (number === null) {
          keys.fade();
          for (const [key, count] of exact) exact.set(key, count / 2);
          continue;
        }
        keys.note(`${number}`);
        exact.set(`${number}`, (exact.get(`${number}`) ?? 0) + 1);
      }
      const hottest = keys.hottest(Infinity);
      expect(hottest.length).toBeLessThanOrEqual(capacity);
      expect(new Set(hottest.map(({ key }) => key)).size).toBe(hottest.length);
      expect(hottest.map(({ count }) => count)).toEqual(
        hottest.map(({ count }) => count).sort((one, other) => other - one),
      );
      for (const { key, count, maxError } of hottest) {
        expect(exact.get(key) ?? 0).toBeLessThanOrEqual(count);
        expect(exact.get(key) ?? 0).toBeGreaterThanOrEqual(count - maxError);
      }
    });
  });

  it("a key with more than its share of the requests is among them, and no error is greater than that share", async () => {
    await check(fc.tuple(requests, fc.integer({ min: 1, max: 12 })), async ([mixed, capacity]) => {
      const asked = mixed.filter((number) => number !== null).map(String);
      const keys = createHotKeys({ random: everyRequest, capacity, oneIn: 1 });
      for (const key of asked) keys.note(key);
      const hottest = keys.hottest(Infinity);
      const share = asked.length / capacity;
      for (const key of new Set(asked)) {
        if (asked.filter((other) => other === key).length <= share) continue;
        expect(hottest.map((hot) => hot.key)).toContain(key);
      }
      for (const { maxError } of hottest) expect(maxError).toBeLessThanOrEqual(share);
    });
  });
});

describe("of a Zipf stream of 10,000 keys", () => {
  it("finds the hottest by a sample, and about how hot they are", () => {
    const random = seededRandom("hot keys of a Zipf stream");
    const fraction = (): number => random.fraction();
    const draw = zipf(10_000, fraction);
    const keys = createHotKeys({ random: fraction });
    const requestCount = 1_000_000;
    const exact = new Map<string, number>();
    for (let request = 0; request < requestCount; request += 1) {
      const key = draw();
      exact.set(key, (exact.get(key) ?? 0) + 1);
      keys.note(key);
    }
    const hottest = keys.hottest(HOT_KEY_CAPACITY);
    expect(hottest).toHaveLength(HOT_KEY_CAPACITY);
    const found = new Set(hottest.slice(0, 20).map(({ key }) => key));
    for (let rank = 1; rank <= 5; rank += 1) expect(found).toContain(`key-${rank}`);
    // Ten per cent of all requests are for the first: some 1,600 in the sample, with a deviation of 40.
    const [first] = hottest;
    expect(first?.key).toBe("key-1");
    const count = exact.get("key-1") ?? 0;
    expect(Math.abs((first?.count ?? 0) - count)).toBeLessThan(0.2 * count);
  });
});

describe("counts that fade", () => {
  it("let yesterday's hot key go when others are asked for", () => {
    const keys = createHotKeys({ random: everyRequest, capacity: 4, oneIn: 1 });
    for (let request = 0; request < 1_000; request += 1) keys.note("yesterday");
    for (let times = 0; times < 9; times += 1) keys.fade();
    for (let request = 0; request < 20; request += 1) keys.note("today");
    expect(keys.hottest(1)).toMatchObject([{ key: "today" }]);
  });

  it("vanish when nobody asks", () => {
    const keys = createHotKeys({ random: everyRequest, oneIn: 1 });
    for (let request = 0; request < 1_000; request += 1) keys.note("yesterday");
    for (let times = 0; times < 11; times += 1) keys.fade();
    expect(keys.hottest(1)).toEqual([]);
  });
});
