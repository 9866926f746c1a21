/** The content model as it is written: the JSON document of a catalog. `checkCatalog` turns unknown JSON into this. */

/** A statistic that equipment and timed effects change. */
export type Stat = "speed" | "success" | "yield" | "xp";

export const STATS: readonly Stat[] = ["speed", "success", "yield", "xp"];

/** A change of a statistic. `add` is a decimal: 0.25 is a quarter more. Without `kind` and `activity` it holds for all. */
export interface EffectSource {
  readonly stat: Stat;
  readonly add: number;
  readonly kind?: string;
  readonly activity?: string;
}

/** What happens to what does not fit: kept aside, thrown away, or the task waits. */
export type OnFull = "stash" | "discard" | "block";

/** What a task does when it cannot go on: wait at the head, or leave the queue. */
export type OnBlocked = "wait" | "skip";

/** A game-wide setting that is left out gets its default; see `DEFAULT_SETTINGS`. */
export interface SettingsSource {
  readonly minCycleMs?: number;
  readonly queue?: { readonly maxTasks?: number; readonly maxTaskMs?: number; readonly warnTotalMs?: number };
  readonly away?: { readonly maxMs?: number };
  readonly inventory?: { readonly maxStacks?: number; readonly onFull?: OnFull };
  readonly onBlocked?: OnBlocked;
  readonly rareFrom?: string;
  /** Leave chances out of the catalog that players see. Default false. */
  readonly hideChances?: boolean;
}

export type LevelsSource =
  | { readonly xpBase: number; readonly xpGrowth: number; readonly max: number }
  | { readonly table: readonly number[] };

export interface SkillSource {
  readonly name?: string;
  readonly description?: string;
  readonly levels: LevelsSource;
}

export interface ItemSource {
  readonly name?: string;
  readonly description?: string;
  /** Default: the first rarity. */
  readonly rarity?: string;
  /** How many share a place. Default: no bound, one place. */
  readonly maxStack?: number;
  readonly tags?: readonly string[];
  readonly equip?: { readonly slot: string; readonly effects?: readonly EffectSource[] };
}

/** A number, or a uniform choice from `[min, max]`. */
export type CountSource = number | readonly [number, number];

export interface GiveItemSource {
  readonly item: string;
  /** Default 1. */
  readonly count?: CountSource;
  /** Default 1: always. */
  readonly chance?: number;
}

export interface GiveOneOfSource {
  readonly oneOf: readonly { readonly weight: number; readonly item: string; readonly count?: CountSource }[];
  readonly chance?: number;
}

export type GiveSource = GiveItemSource | GiveOneOfSource;

/** The chance that a cycle succeeds: `min(max, base + perLevel × (level − 1))`, and effects. */
export interface SuccessSource {
  readonly base: number;
  readonly skill?: string;
  readonly perLevel?: number;
  readonly max?: number;
}

export interface ActivitySource {
  readonly kind: string;
  readonly name?: string;
  readonly description?: string;
  readonly durationMs: number;
  /** Not shown to players in the public catalog. Default false. It can still be queued. */
  readonly hidden?: boolean;
  readonly available?: { readonly fromMs?: number; readonly untilMs?: number };
  readonly requires?: {
    readonly skills?: Readonly<Record<string, number>>;
    readonly equipped?: Readonly<Record<string, string>>;
    readonly items?: Readonly<Record<string, number>>;
  };
  readonly takes?: Readonly<Record<string, number>>;
  readonly gives?: readonly GiveSource[];
  readonly xp?: Readonly<Record<string, number>>;
  readonly speed?: readonly { readonly skill: string; readonly perLevel: number; readonly max: number }[];
  readonly success?: SuccessSource;
  readonly onFailure?: {
    readonly gives?: readonly GiveSource[];
    readonly xp?: Readonly<Record<string, number>>;
  };
}

export interface CatalogSource {
  readonly name: string;
  readonly description?: string;
  readonly settings?: SettingsSource;
  /** From the most common on. Default `["common"]`. */
  readonly rarities?: readonly string[];
  readonly kinds: readonly string[];
  readonly skills?: Readonly<Record<string, SkillSource>>;
  readonly items?: Readonly<Record<string, ItemSource>>;
  readonly activities: Readonly<Record<string, ActivitySource>>;
  readonly newPlayer?: {
    readonly items?: Readonly<Record<string, number>>;
    readonly equipped?: Readonly<Record<string, string>>;
    readonly xp?: Readonly<Record<string, number>>;
  };
}
