/**
 * Players at work on one or two instances while every switch is thrown all the time, at other moments on each; and what they are shown,
 * held against what they were shown before. In the end each must be what the rules' oracle makes of the same commands.
 */
import { type Command, compileCatalog, createTimeline, isMainspringError } from "@mainspring/core";
import { canonical } from "../../../core/test/canonical.mjs";
import { apply, createWorld, settleTo } from "../../../core/test/oracle/oracle.js";
import { createCache } from "../../src/cache/index.js";
import type { createEngine as realCreateEngine } from "../../src/create-engine.js";
import { batched } from "../../src/batch/index.js";
import type { Engine, PlayerView } from "../../src/engine.js";
import { createMemoryBudget, createMemoryGovernor } from "../../src/memory/index.js";
import { createOverloadLimit } from "../../src/overload/index.js";
import type { IsOn, Layer, Stamp, Store } from "../../src/ports.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock, createModelServer } from "../../src/testing/index.js";
import { createManualMeter, MEBIBYTE } from "../memory/manual-meter.js";
import type { SeededRandom } from "../store/seeded-random.js";
import { fixedBytes, START_MS } from "../support/open-engine.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";
import { allEvents } from "../support/all-events.js";
import { createSwitchboard, type Switchboard } from "./switchboard.js";

export interface SwitchedOptions {
  readonly random: SeededRandom;
  readonly playerCount: number;
  readonly waveCount: number;
  /** So often each switch of each instance is thrown in a wave. */
  readonly throwsPerWave: number;
  /** A store of its own for each instance, over the same data; one instance has it for itself. */
  readonly openStore: (isPoolOn: IsOn) => Promise<Store>;
  readonly instanceCount: 1 | 2;
  /** Default: the product's */
  readonly createEngine: typeof realCreateEngine;
}

export interface SwitchedPlay {
  /** How often each switch was thrown. */
  readonly thrown: Readonly<Record<Layer, number>>;
  /** What went wrong: the first few. */
  readonly violations: readonly string[];
  readonly reads: number;
  readonly peeks: number;
  readonly commands: number;
  readonly refusals: number;
}

interface Instance {
  readonly engine: Engine;
  readonly board: Switchboard;
  /** As the server's door does: `null`, if it is refused. */
  readonly enter: (playerId: string, priority: "read" | "command") => (() => void) | null;
  readonly meter: ReturnType<typeof createManualMeter>;
}

interface Played {
  readonly playerId: string;
  readonly ordered: { readonly command: Command; readonly revision: number }[];
  gifts: number;
  atLeast: Stamp;
  /** The most that was shown in the waves before. */
  shown: Measure;
}

/** What never becomes less. */
interface Measure {
  readonly revision: number;
  readonly version: number;
  readonly eventCount: number;
  readonly xp: number;
}

const NOTHING: Measure = { revision: 0, version: 0, eventCount: 0, xp: 0 };
const MAX_CYCLES = 100_000;
const MAX_TOLD = 5;
const CHECKPOINT_MS = 4_000;
const REFUSED = new Set(["VERSION_CONFLICT", "TASK_NOT_FOUND", "QUEUE_FULL", "INSUFFICIENT_ITEMS"]);

function sum(amounts: PlayerView["state"]["xp"]): number {
  return [...amounts.values()].reduce((total, amount) => total + amount, 0);
}

function measureOf({ version, state }: PlayerView): Measure {
  return { revision: state.revision, version, eventCount: state.eventCount, xp: sum(state.xp) };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

export async function playSwitched(options: SwitchedOptions): Promise<SwitchedPlay> {
  const { random, playerCount, waveCount, throwsPerWave, instanceCount } = options;
  const clock = createManualClock(START_MS);
  const timers = createManualClock(0);
  const server = createModelServer({ nowMs: () => timers.nowMs() });
  void beginGroup(server.connect());
  const thrown = new Map<Layer, number>();
  const violations: string[] = [];
  const counts = { reads: 0, peeks: 0, commands: 0, refusals: 0 };
  const report = (text: string): void => void violations.push(text);
  const open = async (): Promise<Instance> => {
    const board = createSwitchboard(random, (layer) => thrown.set(layer, (thrown.get(layer) ?? 0) + 1));
    const { isOn } = board;
    const meter = createManualMeter();
    const budget = createMemoryBudget();
    const governor = createMemoryGovernor({
      budget,
      isOn: () => isOn.memoryGovernor(""),
      thresholdBytes: 100 * MEBIBYTE,
      meter,
      timers,
    });
    const overload = createOverloadLimit({ memoryLevel: () => governor.level(), timers, random: () => 0.5 });
    const cache = createCache({
      ...(instanceCount === 1 ? { isSoleWriter: true } : { remote: server.connect() }),
      budget,
      isOn: isOn.cache,
      isPredicting: isOn.prediction,
      clock,
      timers,
    });
    const engine = await options.createEngine({
      store: batched(await options.openStore(isOn.pool), { isOn: isOn.batching, batchTimeoutMs: 2 }),
      cache,
      governor,
      overload,
      checkpoint: { everyMs: CHECKPOINT_MS, isOn: isOn.checkpoint },
      clock,
      catalog: TICK_CATALOG,
      randomBytes: fixedBytes,
    });
    return {
      engine,
      board,
      meter,
      enter(playerId, priority) {
        if (!isOn.overloadLimit(playerId)) return () => undefined;
        const entered = overload.enter(priority);
        if (!entered.isAdmitted) counts.refusals += 1;
        return entered.isAdmitted ? () => entered.done() : null;
      },
    };
  };
  const instances: Instance[] = [];
  for (let count = 0; count < instanceCount; count += 1) instances.push(await open());
  const any = (): Instance => instances[random.integer(instances.length)] as Instance;
  const players = Array.from(
    { length: playerCount },
    (_, number): Played => ({
      playerId: `player-${number}`,
      ordered: [],
      gifts: 0,
      atLeast: { incarnation: 0, version: 0 },
      shown: NOTHING,
    }),
  );
  for (const { playerId } of players) await any().engine.read(playerId, { asPlayer: true });

  const see = (player: Played, found: Partial<Measure>, how: string): void => {
    for (const name of ["revision", "version", "eventCount", "xp"] as const) {
      const value = found[name];
      if (value === undefined || value >= player.shown[name]) continue;
      report(`${player.playerId} was shown ${name} ${player.shown[name]}, and then ${value} by ${how}`);
    }
  };
  /** One request. Resolves to what was shown. */
  const look = async (player: Played): Promise<Measure | null> => {
    const { engine, enter } = any();
    const { playerId, atLeast } = player;
    const leave = enter(playerId, "read");
    if (leave === null) return null;
    const asked = atLeast.incarnation === 0 ? {} : { atLeast };
    try {
      counts.reads += 1;
      if (random.integer(5) === 0) {
        const make = ({ state }: PlayerView): number => sum(state.xp);
        const of = { namespace: "taskProgress", name: "xp", make } as const;
        const { value: xp, revision, version, incarnation } = await engine.summary(playerId, of, asked);
        see(player, { xp, revision, version }, "a summary");
        return { ...NOTHING, xp, revision, version, ...(incarnation === 0 && NOTHING) };
      }
      const peeked = engine.peek(playerId, asked);
      if (peeked !== null) counts.peeks += 1;
      const view = peeked ?? (await engine.read(playerId, asked));
      see(player, measureOf(view), peeked === null ? "a read" : "a peek");
      return measureOf(view);
    } finally {
      leave();
    }
  };
  const command = async (player: Played): Promise<Measure | null> => {
    const { playerId, ordered } = player;
    const first = any();
    const leave = first.enter(playerId, "command");
    if (leave === null) return null;
    const given = commandOf(random);
    player.gifts += 1;
    const key = { key: `key-${player.gifts}` };
    try {
      const outcome = await first.engine.apply(playerId, given, key);
      counts.commands += 1;
      ordered.push({ command: given, revision: outcome.revision });
      see(player, measureOf(outcome.view), "a command");
      if (random.integer(3) > 0) return measureOf(outcome.view);
      const again = await any().engine.apply(playerId, given, key);
      if (!again.isReplayed) report(`${playerId} had a command twice`);
      return measureOf(again.view);
    } finally {
      leave();
    }
  };
  const request = async (player: Played): Promise<Measure | null> => {
    try {
      return await (random.integer(3) === 0 ? command(player) : look(player));
    } catch (error) {
      if (!isMainspringError(error) || !REFUSED.has(error.code)) {
        report(
          `${player.playerId}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
      return null;
    }
  };
  const oneWave = async (player: Played): Promise<void> => {
    const more = random.integer(4) === 0 ? [look(player).catch(() => null)] : [];
    const shown = (await Promise.all([request(player), ...more])).flatMap((one) => one ?? []);
    for (const one of shown) player.shown = mostOf(player.shown, one);
    const { incarnation } = player.atLeast;
    player.atLeast = {
      incarnation: incarnation === 0 ? START_MS : incarnation,
      version: player.shown.version,
    };
  };

  for (let wave = 0; wave < waveCount && violations.length < MAX_TOLD; wave += 1) {
    // Where one instance has the store for itself, its clock may be set back.
    const isSetBack = instanceCount === 1 && random.integer(5) === 0;
    if (isSetBack) clock.set(clock.nowMs() - random.integer(6_000));
    else clock.advance(1 + random.integer(1_500));
    for (let step = 0; step < 5; step += 1) {
      timers.advance(100);
      await turns(1);
    }
    let isOver = false;
    const throwing = (async () => {
      for (let count = 0; count < throwsPerWave; count += 1) {
        for (const { board, meter } of instances) {
          board.throwAll();
          meter.collected({ heapBytes: random.integer(110) * MEBIBYTE, externalBytes: 0 });
        }
        await turns(isOver ? 0 : 1);
      }
    })();
    await Promise.all(players.map(oneWave));
    isOver = true;
    await throwing;
  }
  for (const { board } of instances) board.set(false);
  clock.set(Math.max(clock.nowMs(), START_MS) + 20_000);
  for (const player of players)
    await checkEnd(player, { engine: any().engine, nowMs: clock.nowMs(), report });
  for (const { engine } of instances) await engine.close();
  return { thrown: Object.fromEntries(thrown) as Record<Layer, number>, violations, ...counts };
}

function mostOf(one: Measure, other: Measure): Measure {
  return {
    revision: Math.max(one.revision, other.revision),
    version: Math.max(one.version, other.version),
    eventCount: Math.max(one.eventCount, other.eventCount),
    xp: Math.max(one.xp, other.xp),
  };
}

function commandOf(random: SeededRandom): Command {
  const choice = random.integer(9);
  if (choice < 4) {
    const activity = ["mine", "dig", "smelt"][random.integer(3)] ?? "mine";
    const onBlocked = random.integer(2) === 0 ? "skip" : "wait";
    return {
      type: "enqueue",
      tasks: [{ activity, repeat: 1 + random.integer(20), onBlocked, position: random.integer(3) }],
    };
  }
  if (choice === 4) return { type: "cancel", task: 1 + random.integer(20) };
  if (choice === 5) return { type: "adjust", adjust: { items: { gem: 1 } } };
  return { type: choice === 6 ? "pause" : choice === 7 ? "stop" : "resume" };
}

/** State and events are what the oracle makes of the commands that were acknowledged: each once, and no other. */
async function checkEnd(
  { playerId, ordered, shown }: Played,
  {
    engine,
    nowMs,
    report,
  }: { readonly engine: Engine; readonly nowMs: number; readonly report: (text: string) => void },
): Promise<void> {
  const timeline = createTimeline(await engine.catalogs.timeline(), [compileCatalog(TICK_CATALOG)]);
  const view = await engine.read(playerId);
  const { state, incarnation } = view;
  const found = measureOf(view);
  if (found.xp < shown.xp || found.eventCount < shown.eventCount)
    report(`${playerId} ends with less than was shown`);
  const events = await allEvents(engine, playerId);
  const instants = new Map(
    events.flatMap((event) => (event.type === "command" ? [[event.revision, event.atMs] as const] : [])),
  );
  if (instants.size !== ordered.length)
    report(`${playerId} has ${instants.size} commands of ${ordered.length}`);
  const world = createWorld(timeline, incarnation, fixedBytes(16));
  for (const { command, revision } of [...ordered].sort((one, other) => one.revision - other.revision)) {
    const atMs = instants.get(revision) ?? Number.NaN;
    settleTo(world, atMs, MAX_CYCLES);
    apply(world, atMs, command);
  }
  settleTo(world, nowMs, MAX_CYCLES);
  if (canonical(events) !== canonical(world.events)) report(`${playerId} has other events than the oracle`);
  if (canonical(state) !== canonical(world.state)) report(`${playerId} is another than the oracle says`);
}
