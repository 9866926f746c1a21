/** The order of commits: a player's one after the other, many players' at once up to a bound, the urgent ones first. */
import { describe, expect, it } from "vitest";
import type { Urgency } from "../../../src/ports.js";
import { createCommitLanes } from "../../../src/store/dynamodb/commit-lanes.js";
import { seededRandom } from "../seeded-random.js";

const URGENCIES: readonly Urgency[] = ["command", "milestone", "bulk"];

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

describe("commit lanes", () => {
  it("keep each player's order and the bound, over random schedules", async () => {
    const random = seededRandom("commit lanes");
    const maxParallel = 1 + random.integer(6);
    const lanes = createCommitLanes(maxParallel);
    const done = new Map<string, number[]>();
    const busy = new Set<string>();
    const jobs = Array.from({ length: 500 }, async (_, index) => {
      const playerId = `player-${random.integer(12)}`;
      const urgency = URGENCIES[random.integer(3)] ?? "bulk";
      const turns = random.integer(4);
      return lanes.run(playerId, urgency, async () => {
        expect(busy.has(playerId)).toBe(false);
        busy.add(playerId);
        expect(busy.size).toBeLessThanOrEqual(maxParallel);
        for (let count = 0; count < turns; count += 1) await turn();
        busy.delete(playerId);
        done.set(playerId, [...(done.get(playerId) ?? []), index]);
        if (turns === 3) throw new Error("of its own");
        return index;
      });
    });
    const settled = await Promise.allSettled(jobs);
    await lanes.drained();
    for (const [index, result] of settled.entries()) {
      if (result.status === "fulfilled") expect(result.value).toBe(index);
      else expect(result.reason).toMatchObject({ message: "of its own" });
    }
    for (const order of done.values()) expect(order).toEqual([...order].sort((a, b) => a - b));
    expect([...done.values()].flat()).toHaveLength(500);
  });

  it("let no command wait behind its own player's bulk for that of everybody else", async () => {
    const lanes = createCommitLanes(1);
    const order: string[] = [];
    const job = (name: string) => async (): Promise<void> => {
      order.push(name);
      await turn();
    };
    const first = lanes.run("first", "bulk", turn);
    const others = Array.from({ length: 50 }, async (_, index) =>
      lanes.run(`other-${index}`, "bulk", job("other")),
    );
    const own = [
      lanes.run("ada", "bulk", job("bulk of ada")),
      lanes.run("ada", "milestone", job("milestone of ada")),
      lanes.run("ada", "command", job("command of ada")),
    ];
    await Promise.all([first, ...others, ...own]);
    expect(order.filter((name) => name.endsWith("ada"))).toEqual([
      "bulk of ada",
      "milestone of ada",
      "command of ada",
    ]);
    expect(order.indexOf("command of ada")).toBeLessThan(5);
  });

  it("let commands go before milestones, and these before the rest, and yet let nobody wait for ever", async () => {
    const lanes = createCommitLanes(1);
    const order: string[] = [];
    const started = lanes.run("first", "bulk", turn);
    const given = Array.from({ length: 30 }, (_, index) => URGENCIES[2 - (index % 3)] ?? "bulk");
    const jobs = given.map(async (urgency, index) =>
      lanes.run(`player-${index}`, urgency, async () => {
        order.push(urgency);
      }),
    );
    await Promise.all([started, ...jobs]);
    expect(order.slice(0, 5)).toEqual(["command", "command", "command", "command", "command"]);
    expect(order.slice(0, 10).filter((urgency) => urgency === "bulk")).toHaveLength(1);
    expect(order.lastIndexOf("command")).toBeLessThan(order.lastIndexOf("milestone"));
    expect(order.at(-1)).toBe("bulk");
  });

  it("are drained when nothing waits or runs", async () => {
    const lanes = createCommitLanes(2);
    await lanes.drained();
    const progress = { done: 0 };
    for (let index = 0; index < 5; index += 1) {
      void lanes.run("ada", "command", async () => {
        await turn();
        progress.done += 1;
      });
    }
    await lanes.drained();
    expect(progress.done).toBe(5);
  });
});
