/** Takes things out of the local caches, in slices, so that the event loop is not held up. One job at a time. */
import type { Dispensable, MemoryBudget, MemoryTenant, Timers } from "../ports.js";

/** So long at a stretch. */
const SLICE_MS = 2;

/** A bound is not lowered at once but in so many parts of itself. */
const LOWERING_STEPS = 256;

/** What was given up. */
export interface Shed {
  readonly entries: number;
  /** As the caches count them. */
  readonly bytes: number;
  /** Of the entries: those that could not be shown any more. */
  readonly expiredEntries: number;
}

/** Something to be done in small steps. */
export type Job = (shed: ShedCounts) => Iterator<void>;

type ShedCounts = { -readonly [K in keyof Shed]: Shed[K] };

export interface Shedding {
  /** Begins at once. A job under way ends where it is, and whoever began it is told. */
  begin(job: Job, onEnd: (shed: Shed) => void): void;
  isBusy(): boolean;
  /** Ends the job under way. */
  end(): void;
}

interface Underway {
  readonly steps: Iterator<void>;
  readonly shed: ShedCounts;
  readonly onEnd: (shed: Shed) => void;
}

export interface Holdings {
  readonly entries: number;
  readonly bytes: number;
}

export function holdingsOf(budget: MemoryBudget): Holdings {
  let entries = 0;
  let bytes = 0;
  for (const tenant of budget.tenants()) {
    entries += tenant.entries();
    bytes += tenant.bytes();
  }
  return { entries, bytes };
}

/** How much of the bound is taken: by entries or by bytes, whichever is more. Entries count as the bound counts them. */
export function takenShare(budget: MemoryBudget): number {
  const { bytes } = holdingsOf(budget);
  let entries = 0;
  let mostTwice = 0;
  for (const tenant of budget.tenants()) {
    if (tenant.isSecondForm === true) mostTwice = Math.max(mostTwice, tenant.entries());
    else entries += tenant.entries();
  }
  return Math.max(Math.max(entries, mostTwice) / budget.maxEntries, bytes / budget.maxBytes);
}

export function createShedding(budget: MemoryBudget, timers: Timers): Shedding {
  let underway: Underway | null = null;
  let cancel = (): void => undefined;
  const end = (): void => {
    cancel();
    const ended = underway;
    underway = null;
    ended?.onEnd(ended.shed);
  };
  const goOn = ({ steps, shed }: Underway): void => {
    const before = holdingsOf(budget);
    const isDone = runSlice(steps, timers);
    const after = holdingsOf(budget);
    shed.entries += before.entries - after.entries;
    shed.bytes += before.bytes - after.bytes;
    if (isDone) end();
    else cancel = timers.after(0, () => underway !== null && goOn(underway));
  };
  return {
    begin(job, onEnd) {
      end();
      const shed = { entries: 0, bytes: 0, expiredEntries: 0 };
      underway = { steps: job(shed), shed, onEnd };
      goOn(underway);
    },
    isBusy: () => underway !== null,
    end,
  };
}

function runSlice(steps: Iterator<void>, timers: Timers): boolean {
  const untilMs = timers.nowMs() + SLICE_MS;
  do {
    if (steps.next().done === true) return true;
  } while (timers.nowMs() < untilMs);
  return false;
}

export interface TrimOptions {
  /** So much should go. */
  readonly excessBytes: number;
  /** Below this part of the bound nothing of value goes. */
  readonly floorShare: number;
}

/** What is expired, then what is least valuable, until enough is gone. From then on the caches don't grow. */
export function trim(budget: MemoryBudget, { excessBytes, floorShare }: TrimOptions): Job {
  return function* trimming(shed) {
    const goalBytes = holdingsOf(budget).bytes - excessBytes;
    let cheapestBefore: Cheapest | null = null;
    for (const tenant of budget.tenants()) {
      const before = tenant.entries();
      tenant.dropExpired();
      shed.expiredEntries += before - tenant.entries();
      yield;
    }
    const isOver = (): boolean => holdingsOf(budget).bytes > goalBytes && takenShare(budget) > floorShare;
    // Each turn takes an entry away, and there are no more than that.
    for (let dropped = 0; dropped < budget.maxEntries && isOver(); dropped += 1) {
      const cheapest = cheapestOf(budget, cheapestBefore);
      if (cheapest === null) break;
      cheapest.least.drop();
      cheapestBefore = cheapest;
      yield;
    }
    budget.limitTo(Math.min(1, Math.max(floorShare, takenShare(budget))));
  };
}

/** Of all caches, what costs least to have again for each byte. */
interface Cheapest {
  readonly tenant: MemoryTenant;
  readonly least: Dispensable;
  /** What the cheapest of the others costs: up to that the same tenant has the next one, too. */
  readonly othersPrice: number;
}

/** `null`: the caches are empty. */
function cheapestOf(budget: MemoryBudget, before: Cheapest | null): Cheapest | null {
  const next = before?.tenant.leastValuable() ?? null;
  if (before !== null && next !== null && priceOf(next) <= before.othersPrice)
    return { ...before, least: next };
  const candidates = budget.tenants().flatMap((tenant) => {
    const least = tenant.leastValuable();
    return least === null ? [] : [{ tenant, least }];
  });
  const [cheapest, other] = candidates.sort((one, two) => priceOf(one.least) - priceOf(two.least));
  if (cheapest === undefined) return null;
  return { ...cheapest, othersPrice: other === undefined ? Infinity : priceOf(other.least) };
}

/** In ms for each byte. */
function priceOf({ reloadMs, sizeBytes }: Dispensable): number {
  return reloadMs / sizeBytes;
}

/** Caches shrink to a part of their bound. */
export function shrinkTo(budget: MemoryBudget, share: number): Job {
  return function* shrinking() {
    for (let taken = takenShare(budget); taken > share; taken -= 1 / LOWERING_STEPS) {
      budget.limitTo(Math.max(share, taken - 1 / LOWERING_STEPS));
      yield;
    }
    budget.limitTo(share);
  };
}
