/** The bounds of a catalog. They keep every intermediate result of the rules below 2^53, or say where BigInt is used. */
import { MAX_AMOUNT } from "../numbers.js";

const DAY_MS = 86_400_000;

/** Inclusive ranges, and how long lists may be. */
export const LIMITS = {
  /** × 10^6 stays below 2^53. */
  durationMs: { min: 1, max: 30 * DAY_MS },
  instantMs: { min: 0, max: 8_640_000_000_000_000 },
  maxTasks: { min: 1, max: 1_000 },
  warnTotalMs: { min: 1, max: 3_650 * DAY_MS },
  awayMs: { min: 60_000, max: 3_650 * DAY_MS },
  maxStacks: { min: 1, max: 1_000_000 },
  maxStack: { min: 1, max: MAX_AMOUNT },
  /** Of an entry's count: a roll times 2^20 stays below 2^53. */
  count: { min: 1, max: 1_000_000 },
  totalWeight: { min: 1, max: 1_048_576 },
  amount: { min: 1, max: 1_000_000_000 },
  xp: { min: 0, max: 1_000_000_000 },
  chance: { min: 0.000001, max: 1 },
  effectAdd: { min: -1_000, max: 1_000 },
  perLevel: { min: -1_000, max: 1_000 },
  bonusMax: { min: -1_000_000, max: 1_000_000 },
  successBase: { min: -1_000, max: 1_000 },
  successMax: { min: 0, max: 1 },
  level: { min: 1, max: 1_000 },
  xpBase: { min: 1, max: 1_000_000_000_000 },
  xpGrowth: { min: 1, max: 10 },
  items: { min: 0, max: 10_000 },
  activities: { min: 1, max: 10_000 },
  skills: { min: 0, max: 256 },
  kinds: { min: 1, max: 32 },
  rarities: { min: 1, max: 32 },
  slots: { min: 0, max: 64 },
  entries: { min: 0, max: 64 },
  alternatives: { min: 1, max: 256 },
  bonuses: { min: 0, max: 16 },
  effects: { min: 0, max: 16 },
  tags: { min: 0, max: 32 },
} as const;

/** What a catalog gets where it says nothing. */
export const DEFAULT_SETTINGS = {
  minCycleMs: 250,
  /** 50 tasks; a task of a day; a warning past a week. */
  queue: { maxTasks: 50, maxTaskMs: DAY_MS, warnTotalMs: 7 * DAY_MS },
  /** 30 days. */
  away: { maxMs: 30 * DAY_MS },
  inventory: { maxStacks: 200, onFull: "stash" },
  onBlocked: "wait",
  hideChances: false,
} as const;
