/** How many durable commands the engine takes on the embedded store, beside what the store's disk takes without it. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Command } from "@mainspring/core";
import { createEngine, type Engine, type Store } from "@mainspring/engine";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { openRawLmdb, sizesOf, type WrittenSizes } from "../fixtures/raw-lmdb.js";
import { LASTING_CYCLE_MS, workshopCatalog } from "../fixtures/workshop.js";
import { formatNumber, formatSummary } from "../format.js";
import { ratiosOf, summarise } from "../measure.js";
import type { Finding, Row } from "../row.js";

const BUDGET = 0.5;
const MS_PER_SECOND = 1000;

interface Load {
  readonly playerCount: number;
  /** Of each player, one after the other, in each round. */
  readonly commandsPerPlayer: number;
  readonly roundCount: number;
}

const FULL: Load = { playerCount: 1000, commandsPerPlayer: 12, roundCount: 5 };
const QUICK: Load = { playerCount: 20, commandsPerPlayer: 4, roundCount: 1 };

/** What a player does, over and over. */
const COMMANDS: readonly Command[] = [
  { type: "enqueue", tasks: [{ activity: "mine-copper", repeat: 20 }] },
  { type: "enqueue", tasks: [{ activity: "mine-copper" }, { activity: "forge-gear", onBlocked: "skip" }] },
  { type: "pause" },
  { type: "stop" },
];

export const durableCommands: Row = async ({ folder, isQuick, defer }) => {
  const load = isQuick ? QUICK : FULL;
  const inner = await openLmdbStore({ folder: join(folder, "engine") });
  const { store, takeSizes } = measured(inner);
  const engine = await createEngine({ store, catalog: workshopCatalog({ cycleMs: LASTING_CYCLE_MS }) });
  defer(() => engine.close());
  const raw = openRawLmdb({ defer }, join(folder, "raw"));
  const perSecond = { engine: [] as number[], raw: [] as number[] };
  const groups: number[] = [];
  // The first round makes the players and warms both sides up.
  for (let round = 0; round <= load.roundCount; round += 1) {
    globalThis.gc?.();
    const before = store.stats();
    const engineMs = await command(engine, load);
    const after = store.stats();
    const writes = takeSizes();
    const group = Math.max(1, Math.round((after.writes - before.writes) / (after.batches - before.batches)));
    const rawMs = await raw.write(writes, group);
    if (round === 0) continue;
    perSecond.engine.push((writes.length / engineMs) * MS_PER_SECOND);
    perSecond.raw.push((writes.length / rawMs) * MS_PER_SECOND);
    groups.push(group);
  }
  return [findingOf(perSecond, groups, load)];
};

/** All players at once, each with one command after the other. Says how long it took, in ms. */
async function command(engine: Engine, { playerCount, commandsPerPlayer }: Load): Promise<number> {
  const startedAtMs = performance.now();
  const players = Array.from({ length: playerCount }, async (_, player) => {
    for (let count = 0; count < commandsPerPlayer; count += 1) {
      const next = COMMANDS[count % COMMANDS.length];
      if (next === undefined) throw new Error("There is no such command.");
      await engine.apply(`player-${player}`, next, { asPlayer: true, key: randomUUID() });
    }
  });
  await Promise.all(players);
  return performance.now() - startedAtMs;
}

/** The store, and how much it is asked to write. */
function measured(inner: Store): { store: Store; takeSizes: () => readonly WrittenSizes[] } {
  let sizes: WrittenSizes[] = [];
  return {
    store: {
      ...inner,
      commit(writes) {
        for (const write of writes) sizes.push(sizesOf(write));
        return inner.commit(writes);
      },
    },
    takeSizes() {
      const taken = sizes;
      sizes = [];
      return taken;
    },
  };
}

function findingOf(
  perSecond: { readonly engine: readonly number[]; readonly raw: readonly number[] },
  groups: readonly number[],
  { playerCount }: Load,
): Finding {
  const ratio = ratiosOf(perSecond.engine, perSecond.raw);
  const engine = summarise(perSecond.engine);
  const raw = summarise(perSecond.raw);
  const group = summarise(groups);
  return {
    what: "durable commands on the embedded store, in-process, many players, against raw grouped LMDB writes",
    measured: `${formatSummary(ratio, { unit: "" })}: ${formatNumber(Math.round(engine.median))} against ${formatNumber(Math.round(raw.median))} per second`,
    budget: `≥ ${BUDGET}`,
    isMet: ratio.median >= BUDGET,
    how: `${formatNumber(playerCount)} players at once, each command with an idempotency key; then the same keys and bytes (record and events) written straight to LMDB, as many commits to a flushed transaction as the engine had (${formatNumber(group.median)})`,
    figures: { ratio, enginePerSecond: engine, rawPerSecond: raw, writesPerTransaction: group },
  };
}
