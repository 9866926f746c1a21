/** Whether a number is fine. */
import { describe, expect, it } from "vitest";
import { ALL_PANELS, OVERVIEW_PANELS } from "../../src/panels/sections.js";
import { createHistory } from "../../src/readings/history.js";
import { above, below, JUDGED_MS, type Rule } from "../../src/readings/verdict.js";
import { idleNumbers } from "../support/numbers.js";

const NOW_MS = 1_000_000;
const series = [{ id: "a", label: "delay" }];

function judged(rule: Rule, values: readonly (readonly [secondsAgo: number, value: number])[]) {
  const history = createHistory();
  for (const [secondsAgo, value] of values) history.add(NOW_MS - secondsAgo * 1_000, new Map([["a", value]]));
  return rule.judge({ history, now: idleNumbers(), atMs: NOW_MS, series });
}

describe("a rule", () => {
  const rule = above({ unit: "ms", watch: 10, act: 50 });

  it("says its own thresholds", () => {
    expect(rule.text).toBe("Watch: over 10 ms. Act: over 50 ms. Judged is the mean of 30 s.");
    expect(below({ unit: "share", watch: 0.8 }).text).toContain("Watch: under 80 %.");
  });

  it("judges the mean of the last 30 s, so that one bad answer is no alarm, and an old one is forgotten", () => {
    expect(JUDGED_MS).toBe(30_000);
    expect(
      judged(rule, [
        [2, 4],
        [1, 12],
      ]).state,
    ).toBe("fine");
    expect(
      judged(rule, [
        [2, 4],
        [1, 30],
      ]),
    ).toEqual({ state: "watch", because: "Delay is 17 ms" });
    expect(
      judged(rule, [
        [2, 60],
        [1, 70],
      ]).state,
    ).toBe("act");
    expect(
      judged(rule, [
        [40, 900],
        [1, 1],
      ]).state,
    ).toBe("fine");
  });

  it("is fine at its threshold and not beyond", () => {
    expect(judged(rule, [[1, 10]]).state).toBe("fine");
    expect(judged(rule, [[1, 10.01]]).state).toBe("watch");
    expect(judged(below({ unit: "share", watch: 0.8, act: 0.5 }), [[1, 0.8]]).state).toBe("fine");
    expect(judged(below({ unit: "share", watch: 0.8, act: 0.5 }), [[1, 0.49]]).state).toBe("act");
  });

  it("that needs much to happen is fine while little does", () => {
    const once = { id: "traffic", over: 10, text: "while there is much" };
    const poor = below({ unit: "share", watch: 0.8, once });
    expect(poor.text).toBe("Watch: under 80 %. Judged is the mean of 30 s, while there is much.");
    for (const [traffic, state] of [
      [10, "fine"],
      [11, "watch"],
    ] as const) {
      const history = createHistory();
      history.add(
        NOW_MS,
        new Map([
          ["a", 0.1],
          ["traffic", traffic],
        ]),
      );
      expect(poor.judge({ history, now: idleNumbers(), atMs: NOW_MS, series }).state).toBe(state);
    }
  });

  it("says nothing about what isn't there", () => {
    expect(judged(rule, []).state).toBe("none");
  });
});

describe("the panels", () => {
  it("each have a name of their own, and say what they mean and what to do", () => {
    expect(new Set(ALL_PANELS.map(({ id }) => id)).size).toBe(ALL_PANELS.length);
    for (const { title, meaning, advice, rule } of ALL_PANELS) {
      expect([title, meaning, advice, rule.text].every((text) => /\S/.test(text))).toBe(true);
      expect(meaning.length + advice.length).toBeLessThan(700);
    }
    expect(OVERVIEW_PANELS.every((panel) => ALL_PANELS.includes(panel))).toBe(true);
  });

  it("read the numbers of a server that has nothing, and complain of nothing", () => {
    const now = idleNumbers();
    const history = createHistory();
    const all = ALL_PANELS.flatMap((panel) => panel.seriesOf(now));
    history.add(NOW_MS, new Map(all.map(({ id, of }) => [id, of({ now, before: now })])));
    for (const panel of ALL_PANELS) {
      const verdict = panel.rule.judge({ history, now, atMs: NOW_MS, series: panel.seriesOf(now) });
      expect([panel.id, verdict.state]).toEqual([panel.id, expect.stringMatching(/fine|none/)]);
    }
  });
});
