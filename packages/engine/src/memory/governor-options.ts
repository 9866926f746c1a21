/** What a governor can be told, with its defaults. */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../check-options.js";
import type { MemoryBudget, Telemetry, Timers } from "../ports.js";
import { systemTimers } from "../system-timers.js";
import type { GrowthOptions } from "./growth-watch.js";
import type { LevelShares } from "./levels.js";
import type { MemoryMeter } from "./memory-meter.js";
import { createProcessMeter } from "./process-meter.js";

const MEBIBYTE = 1024 ** 2;

export interface MemoryGovernorOptions {
  /** The bound of the caches that it rules over. */
  readonly budget: MemoryBudget;
  /**
   * Whether it is on, asked at each look and by whoever asks for the level. While it is off the level is 0, the caches have their whole
   * bound, and nothing is asked of anybody. Default: always
   */
  readonly isOn?: () => boolean;
  /** What heap and external memory may take, live. Default: 100 MiB */
  readonly thresholdBytes?: number;
  /** Shares of the threshold from which on levels 1, 2 and 3 are entered. Default: 0.7, 0.85, 1 */
  readonly levelShares?: LevelShares;
  /** The same of what the process may have: anonymous resident memory against it, and the heap against V8's limit. Default: 0.85, 0.9, 0.95 */
  readonly limitShares?: LevelShares;
  /** A level is left so much below where it was entered. Default: 0.1 */
  readonly hysteresis?: number;
  /** At level 2 the caches have this part of their bound. Default: 0.1 */
  readonly floorShare?: number;
  /** Asks for a full collection: `exposedCollector()`. Default: `null`, never; it waits for V8's own. */
  readonly collect?: (() => void) | null;
  /** It asks at most so often. Default: 30,000 ms */
  readonly gcIntervalMs?: number;
  /** It looks so often, and after each full collection. Default: 1000 ms */
  readonly lookEveryMs?: number;
  /** When memory that grows beside the caches is an alarm. */
  readonly growth?: GrowthOptions;
  /** Default: what V8 and the system say of this process. */
  readonly meter?: MemoryMeter;
  /** Default: the system's. */
  readonly timers?: Timers;
  /** Default: nothing is noted. */
  readonly telemetry?: Telemetry;
}

export type GovernorSettings = Required<Omit<MemoryGovernorOptions, "budget">>;

/** @throws MainspringError `CONFIG_INVALID` for numbers that can't be */
export function settingsOf(options: MemoryGovernorOptions): GovernorSettings {
  const {
    isOn = () => true,
    thresholdBytes = 100 * MEBIBYTE,
    levelShares = [0.7, 0.85, 1],
    limitShares = [0.85, 0.9, 0.95],
    hysteresis = 0.1,
    floorShare = 0.1,
    collect = null,
    gcIntervalMs = 30_000,
    lookEveryMs = 1_000,
    growth = {},
    timers = systemTimers,
    telemetry = { note: () => undefined },
  } = options;
  checkOptions({ thresholdBytes, gcIntervalMs, lookEveryMs, "growth.minWindowMs": growth.minWindowMs });
  checkOptions({ "growth.warmUpMs": growth.warmUpMs }, { from: 0 });
  checkShares({ hysteresis, floorShare, "growth.minGrowthShare": growth.minGrowthShare });
  checkLevels({ levelShares, limitShares }, hysteresis);
  const meter = options.meter ?? createProcessMeter({ timers });
  return {
    isOn,
    thresholdBytes,
    levelShares,
    limitShares,
    hysteresis,
    floorShare,
    collect,
    gcIntervalMs,
    lookEveryMs,
    growth,
    meter,
    timers,
    telemetry,
  };
}

function checkShares(shares: Readonly<Record<string, number | undefined>>): void {
  for (const [name, share] of Object.entries(shares)) {
    if (share === undefined || (share > 0 && share < 1)) continue;
    throw new MainspringError("CONFIG_INVALID", `${name} must lie between 0 and 1, not be ${share}.`);
  }
}

function checkLevels(all: Readonly<Record<string, LevelShares>>, hysteresis: number): void {
  for (const [name, [first, second, third]] of Object.entries(all)) {
    if (first > hysteresis && second > first && third > second) continue;
    const problem = `must be three shares, each greater than the one before, the first greater than the hysteresis`;
    throw new MainspringError(
      "CONFIG_INVALID",
      `${name} ${problem}, not ${[first, second, third].join(", ")}.`,
    );
  }
}
