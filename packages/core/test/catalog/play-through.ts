/**
 * A sensible player, who plays a catalog through with the rules themselves: to do something, it first gets the levels, the
 * equipment and the items that it needs, each by what takes the least time among what it can do already.
 */
import {
  type Activity,
  applyCommand,
  type Catalog,
  type Command,
  createPlayer,
  createSeed,
  createTimeline,
  levelIn,
  markSeen,
  nextBoundaryMs,
  type PlayerState,
  PPM,
  settle,
  termsOf,
  type Timeline,
} from "../../src/index.js";
import { fits } from "./reachability.js";

/** Goals within goals deeper than this are a circle. */
const MAX_DEPTH = 40;

/** Attempts at one goal: chance may ask for a few, only a bug for as many. */
const MAX_ATTEMPTS = 400;

/** Cycles between two looks at whether there is something better to do by now. */
const CYCLES_AT_ONCE = 200;

export interface PlayThrough {
  /** When the player first finished a cycle of each activity, in ms since its start. */
  readonly firstDoneMs: ReadonlyMap<string, number>;
  /** Makes the player do an activity once, and first all that it takes to. */
  reach(activity: string): void;
  /** The player as it is now. */
  state(): PlayerState;
}

/** Starts a player at an instant; `isUsable` says what may be counted on (not what is there for a season only). */
export function playThrough(
  catalog: Catalog,
  {
    startMs,
    seedByte,
    isUsable,
  }: { startMs: number; seedByte: number; isUsable: (activity: Activity) => boolean },
): PlayThrough {
  const timeline = createTimeline([{ atMs: 0, hash: catalog.hash }], [catalog]);
  const seed = createSeed(new Uint8Array(16).fill(seedByte));
  const player = new Player(timeline, catalog, createPlayer(timeline, { nowMs: startMs, seed }), isUsable);
  return {
    firstDoneMs: player.firstDoneMs,
    reach: (id) => player.perform(player.activity(id), 1, 0),
    state: () => player.state,
  };
}

class Player {
  readonly firstDoneMs = new Map<string, number>();
  state: PlayerState;
  private readonly catalog: Catalog;
  private readonly timeline: Timeline;
  private readonly startMs: number;
  private readonly usable: readonly Activity[];

  constructor(
    timeline: Timeline,
    catalog: Catalog,
    state: PlayerState,
    isUsable: (activity: Activity) => boolean,
  ) {
    this.catalog = catalog;
    this.timeline = timeline;
    this.state = state;
    this.startMs = state.settledAtMs;
    this.usable = [...catalog.activities.values()].filter(isUsable);
  }

  activity(id: string): Activity {
    const found = this.catalog.activities.get(id);
    if (found === undefined) throw new Error(`No activity ${id}.`);
    return found;
  }

  /** Does an activity a number of times, after getting all that it needs. */
  perform(activity: Activity, cycles: number, depth: number): void {
    if (depth > MAX_DEPTH) throw new Error(`${activity.id} needs itself.`);
    for (const [skill, level] of activity.requires.skills) this.train(skill, level, depth + 1);
    const needs = [
      ...activity.takes.map(([item, amount]) => [item, amount * cycles] as const),
      ...activity.requires.items,
    ];
    this.undress(activity);
    for (let attempt = 0; !this.isReady(activity, needs); attempt += 1) {
      if (attempt > MAX_ATTEMPTS) throw new Error(`Can't get together what ${activity.id} needs.`);
      for (const [slot, tag] of activity.requires.equipped) this.acquire(slot, tag, depth + 1);
      for (const [item, amount] of needs) this.obtain(item, amount, depth + 1);
    }
    this.dress(activity);
    this.run(activity, cycles);
  }

  private isReady(activity: Activity, needs: readonly (readonly [string, number])[]): boolean {
    const hasItems = needs.every(([item, amount]) => this.has(item) >= amount);
    return hasItems && activity.requires.equipped.every(([slot, tag]) => this.owned(slot, tag).length > 0);
  }

  private has(item: string): number {
    return this.state.items.get(item) ?? 0;
  }

  /** What the player has for a slot with a tag, in it or in the bag; the tag left out: for the slot. */
  private owned(slot: string, tag?: string): string[] {
    const all = [
      ...this.state.items.keys(),
      ...(this.state.equipped.get(slot) === undefined ? [] : [this.state.equipped.get(slot) as string]),
    ];
    return all.filter((id) =>
      tag === undefined
        ? this.catalog.items.get(id)?.equip?.slot === slot
        : fits(this.catalog, id, { slot, tag }),
    );
  }

  private acquire(slot: string, tag: string, depth: number): void {
    if (this.owned(slot, tag).length > 0) return;
    const candidates = [...this.catalog.items.keys()].filter((id) => fits(this.catalog, id, { slot, tag }));
    const best = candidates.sort((a, b) => this.difficulty(a) - this.difficulty(b))[0];
    if (best === undefined) throw new Error(`Nothing for the slot ${slot} has the tag ${tag}.`);
    this.obtain(best, 1, depth);
  }

  /** Gets an amount of an item by the quickest way that is open, or the one that opens first. */
  private obtain(item: string, amount: number, depth: number): void {
    for (let attempt = 0; this.has(item) < amount; attempt += 1) {
      if (attempt > MAX_ATTEMPTS) throw new Error(`Can't get ${amount} of ${item}.`);
      const costs = this.costs();
      const sources = this.usable.filter(({ alternatives }) => alternatives.some((one) => one.item === item));
      const open = sources
        .filter((source) => this.isOpen(source))
        .sort((a, b) => this.costOf(a, item, costs) - this.costOf(b, item, costs));
      const source = open[0] ?? sources.sort((a, b) => levelsOf(a) - levelsOf(b))[0];
      if (source === undefined) throw new Error(`Nothing gives ${item}.`);
      const cycles = Math.ceil((amount - this.has(item)) / this.expected(source, item));
      this.perform(source, Math.max(1, Math.min(CYCLES_AT_ONCE, cycles)), depth + 1);
    }
  }

  /** Reaches a level, by what gives most xp for the time. */
  private train(skill: string, level: number, depth: number): void {
    for (let attempt = 0; levelIn(this.state, this.catalog, skill) < level; attempt += 1) {
      if (attempt > MAX_ATTEMPTS * 10) throw new Error(`Can't reach level ${level} of ${skill}.`);
      const costs = this.costs();
      const xpPerMs = (activity: Activity): number =>
        this.expectedXp(activity, skill) / this.timeOf(activity, costs);
      const best = this.usable
        .filter((activity) => this.isOpen(activity) && xpPerMs(activity) > 0)
        .sort((a, b) => xpPerMs(b) - xpPerMs(a))[0];
      if (best === undefined) throw new Error(`Nothing that is open gives xp in ${skill}.`);
      const xp =
        (this.catalog.skills.get(skill)?.xpForLevel[level - 1] ?? 0) - (this.state.xp.get(skill) ?? 0);
      const cycles = Math.ceil(xp / this.expectedXp(best, skill));
      this.perform(best, Math.max(1, Math.min(CYCLES_AT_ONCE, cycles)), depth + 1);
    }
  }

  /** True if nothing but inputs is lacking. */
  private isOpen({ requires }: Activity): boolean {
    return (
      requires.skills.every(([skill, level]) => levelIn(this.state, this.catalog, skill) >= level) &&
      requires.equipped.every(([slot, tag]) => this.owned(slot, tag).length > 0) &&
      requires.items.every(([item, amount]) => this.has(item) >= amount)
    );
  }

  /** The expected time that one of each item takes by what is open, inputs included. Absent: it can't be had yet. */
  private costs(): ReadonlyMap<string, number> {
    const costs = new Map<string, number>();
    const open = this.usable.filter((activity) => this.isOpen(activity));
    for (let isFalling = true; isFalling; ) {
      isFalling = false;
      for (const activity of open) {
        for (const { item } of activity.greatest) {
          const cost = this.costOf(activity, item, costs);
          if (cost >= (costs.get(item) ?? Infinity) * 0.999) continue;
          costs.set(item, cost);
          isFalling = true;
        }
      }
    }
    return costs;
  }

  private costOf(activity: Activity, item: string, costs: ReadonlyMap<string, number>): number {
    return this.timeOf(activity, costs) / this.expected(activity, item);
  }

  private timeOf(activity: Activity, costs: ReadonlyMap<string, number>): number {
    const own = termsOf(this.state, this.catalog, activity).durationMs;
    return activity.takes.reduce((sum, [item, amount]) => sum + amount * (costs.get(item) ?? Infinity), own);
  }

  private expected(activity: Activity, item: string): number {
    const { success, failure } = activity.outcomes;
    const share = termsOf(this.state, this.catalog, activity).successPpm / PPM;
    const of = ({ entries }: typeof success): number =>
      entries.reduce((sum, { chancePpm, alternatives, totalWeight }) => {
        const mine = alternatives.filter((one) => one.item === item);
        const amount = mine.reduce((total, { weight, min, max }) => total + (weight * (min + max)) / 2, 0);
        return sum + (chancePpm / PPM) * (amount / totalWeight);
      }, 0);
    return share * of(success) + (1 - share) * of(failure);
  }

  private expectedXp(activity: Activity, skill: string): number {
    const rule = activity.xp.find((one) => one.skill === skill);
    const share = termsOf(this.state, this.catalog, activity).successPpm / PPM;
    return rule === undefined ? 0 : share * rule.onSuccess + (1 - share) * rule.onFailure;
  }

  /** The levels that stand between the player and an item. */
  private difficulty(item: string): number {
    const sources = this.usable.filter(({ alternatives }) => alternatives.some((one) => one.item === item));
    return Math.min(...sources.map(levelsOf));
  }

  /** Takes off what is to be used up. */
  private undress(activity: Activity): void {
    for (const [slot, item] of this.state.equipped) {
      if (activity.takes.some(([input]) => input === item)) this.apply({ type: "equip", slot, item: null });
    }
  }

  /** Puts on what is required, and in the other slots what does most for this kind of work; not what will be used up. */
  private dress(activity: Activity): void {
    const isKept = (id: string): boolean => activity.takes.every(([input]) => input !== id);
    for (const slot of this.catalog.slots) {
      const tag = activity.requires.equipped.find(([required]) => required === slot)?.[1];
      const best = this.owned(slot, tag)
        .filter(isKept)
        .sort((a, b) => this.benefit(b, activity) - this.benefit(a, activity))[0];
      if (best !== undefined && this.state.equipped.get(slot) !== best)
        this.apply({ type: "equip", slot, item: best });
    }
  }

  private benefit(item: string, activity: Activity): number {
    const effects = this.catalog.items.get(item)?.equip?.effects ?? [];
    const fitting = effects.filter(
      ({ kind, activity: id }) =>
        (kind ?? activity.kind) === activity.kind && (id ?? activity.id) === activity.id,
    );
    return fitting.reduce((sum, { addPpm }) => sum + addPpm, 0);
  }

  /** Queues the cycles and lets time pass until they are done. */
  private run(activity: Activity, cycles: number): void {
    const { durationMs } = termsOf(this.state, this.catalog, activity);
    const most = Math.floor(this.catalog.settings.queue.maxTaskMs / durationMs);
    for (let left = cycles; left > 0; left -= most) {
      const startedAtMs = this.state.settledAtMs;
      this.apply({ type: "enqueue", tasks: [{ activity: activity.id, repeat: Math.min(left, most) }] });
      while (this.state.lanes[0].tasks.length > 0) this.pass(activity);
      const firstMs = startedAtMs + durationMs - this.startMs;
      if (!this.firstDoneMs.has(activity.id)) this.firstDoneMs.set(activity.id, firstMs);
    }
  }

  private pass(activity: Activity): void {
    const nextMs = nextBoundaryMs(this.state, this.timeline);
    if (this.state.lanes[0].blocked !== null || nextMs === Infinity) {
      throw new Error(`${activity.id} got stuck: ${JSON.stringify(this.state.lanes[0].blocked)}`);
    }
    this.state = settle(this.state, this.timeline, nextMs + 3_600_000);
    this.state = markSeen(this.state, this.timeline, this.state.settledAtMs, () => undefined);
  }

  private apply(command: Command): void {
    this.state = applyCommand(this.state, this.timeline, command, {
      atMs: this.state.settledAtMs,
      emit: () => undefined,
    }).state;
  }
}

/** The sum of the levels that an activity requires. */
function levelsOf({ requires }: Activity): number {
  return requires.skills.reduce((sum, [, level]) => sum + level, 0);
}
