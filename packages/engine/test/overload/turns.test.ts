/** Who is let in: what counts as under way in Node.js, who goes first, and what those are told who are not let in. */
import { describe, expect, it } from "vitest";
import {
  createOverloadLimit,
  type CreateOverloadLimitOptions,
} from "../../src/overload/create-overload-limit.js";
import type { MemoryLevel, Pass, Refusal, RequestPriority } from "../../src/ports.js";
import { createManualClock } from "../../src/testing/manual-clock.js";
import { seededRandom } from "../store/seeded-random.js";

const WINDOW_MS = 100;
const PRIORITIES: readonly RequestPriority[] = ["command", "read", "low"];

function open(options: CreateOverloadLimitOptions = {}) {
  const clock = createManualClock();
  const turns: (() => void)[] = [];
  const notes: { level: string; message: string }[] = [];
  const limit = createOverloadLimit({
    timers: clock,
    random: () => 0.5,
    afterTurn: (run) => void turns.push(run),
    telemetry: { note: (level, message) => void notes.push({ level, message }) },
    ...options,
  });
  const passes: Pass[] = [];
  return {
    clock,
    limit,
    notes,
    turnCount: () => turns.length,
    endTurn: () => {
      for (const run of turns.splice(0)) run();
    },
    /** So many try to enter; how many got in. */
    enter: (priority: RequestPriority, count: number): number => {
      const found = Array.from({ length: count }, () => limit.enter(priority));
      const admitted = found.filter((one): one is Pass => one.isAdmitted);
      passes.push(...admitted);
      return admitted.length;
    },
    leave: (count = passes.length) => {
      for (const pass of passes.splice(0, count)) pass.done();
    },
    underWay: () => limit.stats().inFlight,
  };
}

const refusalOf = (entered: Pass | Refusal): Refusal => {
  if (entered.isAdmitted) throw new Error("It was let in.");
  return entered;
};

describe("what is under way", () => {
  it("stays so until the turn of the event loop ends in which it came and was answered", () => {
    const { enter, leave, endTurn, underWay, turnCount } = open({ minLimit: 50, maxLimit: 50 });
    // 1,000 sockets are ready at once, and each handler answers before the next one runs.
    let admitted = 0;
    for (let socket = 0; socket < 1000; socket += 1) {
      admitted += enter("command", 1);
      leave();
    }
    expect([admitted, underWay(), turnCount()]).toEqual([50, 50, 1]);
    endTurn();
    expect([underWay(), enter("command", 51)]).toEqual([0, 50]);
  });

  it("makes room at once when it came in an earlier turn", () => {
    const { enter, leave, endTurn, underWay } = open({ minLimit: 10, maxLimit: 10 });
    enter("command", 10);
    endTurn();
    expect(enter("command", 1)).toBe(0);
    leave(4);
    expect([underWay(), enter("command", 5)]).toEqual([6, 4]);
    endTurn();
    leave();
    expect(underWay()).toBe(0);
  });

  it("took as long as its turn did", () => {
    const { clock, enter, leave, endTurn, limit } = open();
    for (let turn = 0; turn < 50; turn += 1) {
      enter("read", 4);
      leave();
      clock.advance(3);
      endTurn();
    }
    expect(limit.stats().byPriority.read.withoutQueueMs).toBe(3);
  });

  it("can't end twice", () => {
    const { limit } = open();
    const pass = limit.enter("read") as Pass;
    pass.done();
    expect(() => pass.done()).toThrow("ended twice");
  });

  it("is nobody's business after the end: all are let in, and no timer is left", () => {
    const { clock, limit, enter, turnCount } = open({ minLimit: 1, maxLimit: 1 });
    enter("command", 5);
    limit.close();
    expect([enter("low", 5), turnCount(), limit.step(), limit.hasMemoryFor("low")]).toEqual([5, 1, 0, true]);
    clock.advance(WINDOW_MS * 1000);
    limit.close();
  });

  it("is watched by one timer while there are requests, and by none afterwards", () => {
    const clock = createManualClock();
    let started = 0;
    const timers = {
      nowMs: () => clock.nowMs(),
      after: (delayMs: number, run: () => void) => {
        started += 1;
        return clock.after(delayMs, run);
      },
    };
    const { enter, leave, endTurn } = open({ timers });
    enter("read", 3);
    leave();
    endTurn();
    clock.advance(WINDOW_MS);
    clock.advance(WINDOW_MS * 100);
    expect(started).toBe(2);
  });
});

describe("who goes first", () => {
  it("is a command, then a read, then what is low", () => {
    const { enter, limit } = open({ minLimit: 100, maxLimit: 100 });
    expect([enter("low", 60), enter("read", 60), enter("command", 60)]).toEqual([50, 40, 10]);
    expect(limit.stats()).toMatchObject({
      limit: 100,
      inFlight: 100,
      refusedForLoad: 80,
      byPriority: {
        command: { admitted: 10, refused: 50, inFlight: 10 },
        read: { admitted: 40, refused: 20, inFlight: 40 },
        low: { admitted: 50, refused: 10, inFlight: 50 },
      },
    });
  });

  it("is anybody while nobody is there", () => {
    for (const priority of PRIORITIES) {
      expect(open({ minLimit: 1, maxLimit: 1 }).enter(priority, 1)).toBe(1);
    }
  });

  it("may be a read again once no command is refused any more", () => {
    const { clock, enter, leave, endTurn } = open({ minLimit: 100, maxLimit: 100 });
    const readsLetIn = (): number => {
      const count = enter("read", 100);
      leave();
      endTurn();
      clock.advance(WINDOW_MS);
      return count;
    };
    expect(readsLetIn()).toBe(90);
    for (let window = 0; window < 20; window += 1) {
      enter("command", 120);
      leave();
      endTurn();
      clock.advance(WINDOW_MS);
    }
    expect(readsLetIn()).toBe(4);
    const counts = Array.from({ length: 30 }, readsLetIn);
    expect(counts.at(-1)).toBe(90);
    // Slowly at first: commands may need the room at once.
    expect(counts[0]).toBeLessThan(6);
  });
});

describe("memory that is short", () => {
  it.each<readonly [MemoryLevel, readonly RequestPriority[], number]>([
    [0, ["command", "read", "low"], 0],
    [1, ["command", "read", "low"], 0],
    [2, ["command", "read"], 1],
    [3, ["command"], 2],
  ])("of level %i leaves %j", (level, left, step) => {
    const { limit } = open({ memoryLevel: () => level });
    for (const priority of PRIORITIES) {
      const entered = limit.enter(priority);
      expect([priority, entered.isAdmitted]).toEqual([priority, left.includes(priority)]);
      expect(limit.hasMemoryFor(priority)).toBe(left.includes(priority));
      if (!entered.isAdmitted) expect(entered).toMatchObject({ reason: "memory", step });
    }
    expect(limit.step()).toBe(step);
    expect(limit.stats().refusedForMemory).toBe(3 - left.length);
  });

  it("is told in the log and counted as a step, and is no load", () => {
    const memory = { level: 3 as MemoryLevel };
    const { clock, enter, leave, endTurn, limit, notes } = open({ memoryLevel: () => memory.level });
    enter("read", 10);
    enter("command", 1);
    leave();
    endTurn();
    clock.advance(WINDOW_MS);
    memory.level = 0;
    expect([limit.step(), enter("low", 10)]).toEqual([0, 10]);
    leave();
    endTurn();
    clock.advance(20_000);
    expect(limit.stats()).toMatchObject({ refusedForLoad: 0, stepsEntered: { 1: 1, 2: 1, 3: 0 } });
    expect(notes.map(({ level }) => level)).toEqual(["warn", "info"]);
  });
});

describe("a refusal", () => {
  it("spreads those who come back over a time that is longer for what is less urgent", () => {
    const random = seededRandom("when to come back");
    const within = { command: 2, read: 4, low: 8 };
    const { enter, limit } = open({ minLimit: 1, maxLimit: 1, random: () => random.fraction() });
    enter("command", 1);
    for (const priority of PRIORITIES) {
      const seconds = new Set(
        Array.from({ length: 500 }, () => refusalOf(limit.enter(priority)).retryAfterSeconds),
      );
      expect([...seconds].sort((one, other) => one - other)).toEqual(
        Array.from({ length: within[priority] }, (_, index) => index + 1),
      );
    }
  });

  it("asks for three times as long at step 3", () => {
    const { clock, enter, endTurn, limit } = open({ minLimit: 1, maxLimit: 1, random: () => 0.999 });
    enter("command", 5);
    endTurn();
    clock.advance(WINDOW_MS);
    const seconds = PRIORITIES.map((priority) => refusalOf(limit.enter(priority)).retryAfterSeconds);
    expect([limit.step(), seconds]).toEqual([3, [6, 12, 24]]);
  });
});

describe("the step", () => {
  /** A window in which so many of the priority ask for one place. */
  const crowd = (opened: ReturnType<typeof open>, priority: RequestPriority, count: number): void => {
    opened.enter(priority, count);
    opened.leave();
    opened.endTurn();
    opened.clock.advance(WINDOW_MS);
  };

  it.each([
    ["low", 1],
    ["read", 2],
    ["command", 3],
  ] as const)("with %s refused is %i, until it wasn't for three seconds", (priority, step) => {
    const opened = open({ minLimit: 10, maxLimit: 10 });
    crowd(opened, priority, 20);
    expect(opened.limit.step()).toBe(step);
    opened.clock.advance(2_900);
    expect(opened.limit.step()).toBe(step);
    opened.clock.advance(WINDOW_MS);
    expect(opened.limit.step()).toBe(0);
  });

  it("doesn't rise for a hiccup", () => {
    const opened = open({ minLimit: 100, maxLimit: 100 });
    crowd(opened, "command", 104);
    expect(opened.limit.step()).toBe(0);
    crowd(opened, "command", 106);
    expect(opened.limit.step()).toBe(3);
  });

  it("is told in the log once in ten seconds at most, its end for certain, and counted each time", () => {
    const opened = open({ minLimit: 10, maxLimit: 10 });
    for (let round = 0; round < 10; round += 1) {
      crowd(opened, "low", 20);
      opened.clock.advance(3_900);
    }
    opened.clock.advance(20_000);
    expect(opened.limit.stats().stepsEntered).toEqual({ 1: 10, 2: 0, 3: 0 });
    expect(opened.notes.length).toBeLessThanOrEqual(6);
    expect(opened.notes[0]).toEqual({
      level: "warn",
      message: "Overload: low-priority requests are refused.",
    });
    expect(opened.notes.at(-1)).toEqual({ level: "info", message: "Nothing is refused any more." });
  });
});

it("numbers that can't be are told with their names", () => {
  expect(() => createOverloadLimit({ minLimit: 0 })).toThrow("minLimit");
  expect(() => createOverloadLimit({ minLimit: 10, maxLimit: 9 })).toThrow("maxLimit");
});

describe("a limit that is on for nobody", () => {
  it("lets everybody in, counts nobody, and doesn't look like one that works", () => {
    const switched = { isOn: true };
    const { limit, enter, leave, endTurn } = open({
      minLimit: 1,
      maxLimit: 1,
      isOn: () => switched.isOn,
      memoryLevel: () => 3,
    });
    expect(limit.stats()).toMatchObject({ isOn: true, step: 2 });
    expect(enter("command", 3)).toBe(1);
    expect(limit.hasMemoryFor("read")).toBe(false);
    switched.isOn = false;
    expect(enter("low", 10)).toBe(10);
    expect(limit.hasMemoryFor("read")).toBe(true);
    // Of one that came before it is still known when it ends.
    expect(limit.stats()).toMatchObject({ isOn: false, step: 0, inFlight: 1, refusedForLoad: 2 });
    leave();
    endTurn();
    expect(limit.stats().inFlight).toBe(0);
    switched.isOn = true;
    expect(enter("command", 3)).toBe(1);
  });
});
