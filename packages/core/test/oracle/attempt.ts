/** The oracle's attempt to start a cycle. */
import type { Activity } from "../../src/catalog/catalog.js";
import type { Block } from "../../src/player/state.js";
import { endTask } from "./end-of-cycle.js";
import { holds, level, terms, type OracleTerms } from "./levels-and-terms.js";
import { catalogNow, change, emit, type World } from "./oracle-state.js";
import { greatestOutcomeFits } from "./storing.js";

const SEEN_GRACE_MS = 12 * 3_600_000;

export function awayLimit(world: World): number {
  return world.state.lastSeenMs + SEEN_GRACE_MS + catalogNow(world).settings.away.maxMs;
}

export function pauseAsAway(world: World, atMs: number): void {
  world.state.lanes[0].paused = { reason: "AWAY", sinceMs: atMs };
  emit(world, atMs, { type: "away" });
}

export function attemptToStart(world: World, atMs: number): void {
  const [lane] = world.state.lanes;
  if (lane.paused !== null || lane.cycle !== null || lane.tasks.length === 0) return;
  if (atMs >= awayLimit(world)) {
    pauseAsAway(world, atMs);
    return;
  }
  const catalog = catalogNow(world);
  for (let [task] = lane.tasks; task !== undefined; [task] = lane.tasks) {
    if (task.until !== null && holds(world, task.until)) {
      endTask(world, atMs, task, "until");
      continue;
    }
    const activity = catalog.activities.get(task.activity);
    if (activity === undefined) throw new Error("A queued task's activity is in the catalog.");
    const present = terms(world, activity);
    if (task.ranMs + present.durationMs > catalog.settings.queue.maxTaskMs) {
      endTask(world, atMs, task, "limit");
      continue;
    }
    const block = blockOf(world, atMs, activity, present);
    if (block !== null && task.onBlocked === "skip") {
      endTask(world, atMs, task, "skipped", { block });
      continue;
    }
    if (block !== null) {
      const was = lane.blocked;
      lane.blocked = block;
      if (was === null || was.code !== block.code || was.subject !== block.subject) {
        emit(world, atMs, { type: "task-blocked", task: task.number, activity: task.activity, block });
      }
      return;
    }
    if (lane.blocked !== null) {
      lane.blocked = null;
      emit(world, atMs, { type: "task-unblocked", task: task.number, activity: task.activity });
    }
    if (task.startedAtMs === null) {
      task.startedAtMs = atMs;
      emit(world, atMs, { type: "task-started", task: task.number, activity: task.activity });
    }
    for (const [id, amount] of activity.takes) {
      change(world.state.items, id, -BigInt(amount));
      change(task.took, id, BigInt(amount));
    }
    lane.cycle = { startedAtMs: atMs, ...present, catalog: catalog.hash };
    return;
  }
}

/** The first thing that is in the way, or `null`. */
function blockOf(world: World, atMs: number, activity: Activity, present: OracleTerms): Block | null {
  const { items, equipped } = world.state;
  const catalog = catalogNow(world);
  const has = (id: string, amount: number): boolean => (items.get(id) ?? 0n) >= BigInt(amount);
  const { fromMs, untilMs } = activity.available;
  if (atMs < fromMs) return { code: "NOT_AVAILABLE", subject: activity.id, retryAtMs: fromMs };
  if (atMs >= untilMs) return { code: "NOT_AVAILABLE", subject: activity.id, retryAtMs: null };
  for (const [skill, wanted] of activity.requires.skills) {
    if (level(world, skill) < wanted) return blocked("PREREQUISITES_NOT_MET", skill);
  }
  for (const [slot, tag] of activity.requires.equipped) {
    const worn = equipped.get(slot);
    const tags = worn === undefined ? undefined : catalog.items.get(worn)?.tags;
    if (tags?.has(tag) !== true) return blocked("PREREQUISITES_NOT_MET", slot);
  }
  for (const [id, amount] of activity.requires.items) {
    if (!has(id, amount)) return blocked("PREREQUISITES_NOT_MET", id);
  }
  for (const [id, amount] of activity.takes) {
    if (!has(id, amount)) return blocked("INSUFFICIENT_ITEMS", id);
  }
  if (catalog.settings.inventory.onFull === "block" && !greatestOutcomeFits(world, activity, present)) {
    return blocked("INVENTORY_FULL", activity.id);
  }
  return null;
}

function blocked(code: Block["code"], subject: string): Block {
  return { code, subject, retryAtMs: null };
}
