/** What the page remembers. */
import { describe, expect, it } from "vitest";
import { createHistory, MAX_SAMPLES } from "../../src/readings/history.js";
import { POLL_MS } from "../../src/readings/live.js";
import { RANGES } from "../../src/page/window.js";

const of = (values: Readonly<Record<string, number | null>>) => new Map(Object.entries(values));

describe("the history", () => {
  it("gives the values of a stretch of time, in seconds, as the charts want them", () => {
    const history = createHistory();
    history.add(1_000, of({ a: 1, b: 10 }));
    history.add(2_000, of({ a: 2, b: null }));
    history.add(3_000, of({ a: 3, b: 30 }));
    expect(history.view(["b", "a"], 2_000)).toEqual({
      times: [2, 3],
      columns: [
        [null, 30],
        [2, 3],
      ],
      gaps: [],
    });
  });

  it("has a gap from the last answer to the next where none came", () => {
    const history = createHistory();
    history.add(1_000, of({ a: 1 }));
    history.addGap(2_000);
    history.addGap(3_000);
    history.add(4_000, of({ a: 4 }));
    history.add(5_000, of({ a: 5 }));
    history.addGap(6_000);
    const { columns, gaps } = history.view(["a"], 0);
    expect(columns).toEqual([[1, null, null, 4, 5, null]]);
    expect(gaps).toEqual([
      { from: 1, to: 4 },
      { from: 5, to: 6 },
    ]);
  });

  it("keeps so many samples and no more, and forgets the oldest", () => {
    const history = createHistory({ maxSamples: 3 });
    for (const second of [1, 2, 3, 4, 5]) history.add(second * 1_000, of({ a: second }));
    expect(history.view(["a"], 0)).toMatchObject({ times: [3, 4, 5], columns: [[3, 4, 5]] });
  });

  it("keeps so many series and no more, whatever the server makes up", () => {
    const history = createHistory({ maxSeries: 2 });
    history.add(1_000, of({ a: 1, b: 2, c: 3 }));
    expect(history.view(["a", "b", "c"], 0).columns).toEqual([[1], [2], [null]]);
  });

  it("reaches back at least ten minutes, and as far as the longest range of the charts", () => {
    expect(MAX_SAMPLES * POLL_MS).toBeGreaterThanOrEqual(600_000);
    expect(MAX_SAMPLES * POLL_MS).toBeGreaterThanOrEqual(Math.max(...RANGES.map(({ ms }) => ms)));
  });

  it("gives a series that appears later a past without values", () => {
    const history = createHistory();
    history.add(1_000, of({ a: 1 }));
    history.add(2_000, of({ a: 2, late: 7 }));
    expect(history.view(["late"], 0).columns).toEqual([[null, 7]]);
  });

  it("has the mean of what is there, and none of nothing", () => {
    const history = createHistory();
    history.add(1_000, of({ a: 100 }));
    history.add(2_000, of({ a: 2 }));
    history.addGap(3_000);
    history.add(4_000, of({ a: 4 }));
    expect(history.mean("a", 2_000)).toBe(3);
    expect(history.mean("b", 2_000)).toBeNull();
    expect(history.mean("a", 9_000)).toBeNull();
  });
});
