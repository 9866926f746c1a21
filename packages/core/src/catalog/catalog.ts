/** The compiled catalog: what the rules read. Ids are sorted, decimals are millionths, defaults are filled in. */
import type { CatalogSource, OnBlocked, OnFull, Stat } from "./source.js";

/** An amount by id, sorted by id. */
export type Amounts = readonly (readonly [id: string, amount: number])[];

export interface Settings {
  readonly minCycleMs: number;
  readonly queue: { readonly maxTasks: number; readonly maxTaskMs: number; readonly warnTotalMs: number };
  readonly away: { readonly maxMs: number };
  readonly inventory: { readonly maxStacks: number; readonly onFull: OnFull };
  readonly onBlocked: OnBlocked;
  readonly hideChances: boolean;
}

/** An effect with its amount in millionths; `null` means any. */
export interface Effect {
  readonly stat: Stat;
  readonly addPpm: number;
  readonly kind: string | null;
  readonly activity: string | null;
}

export interface Skill {
  readonly id: string;
  /** `xpForLevel[n - 1]` is the xp that level n asks for; the first is 0. Strictly rising or level. */
  readonly xpForLevel: readonly number[];
}

export interface Item {
  readonly id: string;
  readonly maxStack: number;
  /** `rareFrom` or rarer. */
  readonly isRare: boolean;
  readonly tags: ReadonlySet<string>;
  readonly equip: { readonly slot: string; readonly effects: readonly Effect[] } | null;
}

/** One thing that an entry may give. */
export interface Alternative {
  /** Numbers all alternatives of an activity from 0, in the order of the catalog. */
  readonly slot: number;
  readonly item: string;
  readonly min: number;
  readonly max: number;
  readonly weight: number;
  readonly isRare: boolean;
}

/** One line of `gives`: one thing, or one of several. */
export interface Entry {
  /** The entry's index among those of `gives`, then `onFailure.gives`: addresses its rolls. */
  readonly index: number;
  readonly chancePpm: number;
  /** One without `oneOf`. */
  readonly alternatives: readonly Alternative[];
  readonly totalWeight: number;
}

export interface Outcome {
  readonly entries: readonly Entry[];
  /** Every entry gives always the same (apart from yield effects). */
  readonly isCertain: boolean;
}

/** The xp of one skill that a cycle gives, before effects. */
export interface XpRule {
  readonly skill: string;
  readonly onSuccess: number;
  readonly onFailure: number;
}

/** The greatest amount of an item that an outcome could give, before yield, and by how many entries. */
export interface Greatest {
  readonly item: string;
  readonly success: { readonly amount: number; readonly entries: number };
  readonly failure: { readonly amount: number; readonly entries: number };
}

export interface SkillBonus {
  readonly skill: string;
  readonly perLevelPpm: number;
  readonly maxPpm: number;
}

export interface SuccessRule {
  readonly basePpm: number;
  readonly skill: string | null;
  readonly perLevelPpm: number;
  readonly maxPpm: number;
}

export interface Activity {
  readonly id: string;
  readonly kind: string;
  readonly durationMs: number;
  /** It can start from `fromMs` on and before `untilMs` (`Infinity`: for ever). */
  readonly available: { readonly fromMs: number; readonly untilMs: number };
  readonly requires: {
    readonly skills: Amounts;
    readonly equipped: readonly (readonly [slot: string, tag: string])[];
    readonly items: Amounts;
  };
  readonly takes: Amounts;
  readonly speed: readonly SkillBonus[];
  /** `null`: it always succeeds. */
  readonly success: SuccessRule | null;
  readonly outcomes: { readonly success: Outcome; readonly failure: Outcome };
  /** Sorted by skill. */
  readonly xp: readonly XpRule[];
  /** All alternatives, by `slot`. */
  readonly alternatives: readonly Alternative[];
  /** Every item that a cycle could give, sorted. */
  readonly greatest: readonly Greatest[];
}

export interface NewPlayer {
  readonly items: Amounts;
  readonly equipped: readonly (readonly [slot: string, item: string])[];
  readonly xp: Amounts;
}

export interface Catalog {
  /** 32 hexadecimal digits: the first half of the SHA-256 of all that decides outcomes. */
  readonly hash: string;
  readonly name: string;
  readonly settings: Settings;
  readonly kinds: readonly string[];
  readonly skills: ReadonlyMap<string, Skill>;
  readonly items: ReadonlyMap<string, Item>;
  readonly activities: ReadonlyMap<string, Activity>;
  /** Slots that some item can be equipped in, sorted. */
  readonly slots: readonly string[];
  readonly newPlayer: NewPlayer;
  /** The document that it was made from. */
  readonly source: CatalogSource;
}
