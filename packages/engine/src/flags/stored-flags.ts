/** The switches as the store keeps them. What a newer release has added stays as it is when this one writes. */
import { MainspringError } from "@mainspring/core";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import type { FlagHistoryEntry, SettingOutline } from "./flags.js";
import { type Layer, type LayerSetting, MAX_LISTED_PLAYERS } from "./layers.js";

/** The name of the document. */
export const FLAGS_DOCUMENT = "flags";

export const MAX_HISTORY = 50;

const players = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: MAX_LISTED_PLAYERS });

const setting = Type.Object({ percent: Type.Number({ minimum: 0, maximum: 100 }), players, except: players });

const StoredLayerSchema = Type.Object({
  ...setting.properties,
  isGuarded: Type.Boolean(),
  /** What the configuration said when it was switched. */
  configured: setting,
  atMs: Type.Integer(),
  by: Type.String(),
  reason: Type.Union([Type.String(), Type.Null()]),
});

/** A layer that was switched at run time. */
export type StoredLayer = Static<typeof StoredLayerSchema>;

const outline = Type.Object({
  percent: Type.Number(),
  playerCount: Type.Integer(),
  exceptCount: Type.Integer(),
});

const StoredFlagsSchema = Type.Object({
  layers: Type.Record(Type.String(), Type.Unknown()),
  history: Type.Array(
    Type.Object({
      atMs: Type.Integer(),
      layer: Type.String(),
      by: Type.String(),
      reason: Type.Union([Type.String(), Type.Null()]),
      from: outline,
      to: outline,
    }),
  ),
});

export interface StoredFlags {
  /** By layer; those of other releases as they were found. */
  readonly layers: Readonly<Record<string, unknown>>;
  readonly history: readonly FlagHistoryEntry[];
}

export const NO_FLAGS: StoredFlags = { layers: {}, history: [] };

/** @throws MainspringError `UPGRADE_REQUIRED` for what this release can't read */
export function parseFlags(document: string): StoredFlags {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    throw unreadable("it is no JSON");
  }
  if (!Value.Check(StoredFlagsSchema, value)) throw unreadable("it has another form");
  return value;
}

/** @throws MainspringError `UPGRADE_REQUIRED` for what this release can't read */
export function storedLayer({ layers }: StoredFlags, layer: Layer): StoredLayer | null {
  const value = layers[layer];
  if (value === undefined) return null;
  if (!Value.Check(StoredLayerSchema, value)) throw unreadable(`${layer} has another form`);
  return value;
}

function unreadable(why: string): MainspringError {
  return new MainspringError("UPGRADE_REQUIRED", `The stored switches can't be read: ${why}.`);
}

export interface Change {
  readonly layer: Layer;
  /** `null`: as configured again. */
  readonly stored: StoredLayer | null;
  readonly entry: FlagHistoryEntry;
}

/** The document after a change. */
export function changedFlags(before: StoredFlags, { layer, stored, entry }: Change): string {
  const { [layer]: _, ...others } = before.layers;
  const layers = stored === null ? others : { ...others, [layer]: stored };
  return JSON.stringify({ layers, history: [entry, ...before.history].slice(0, MAX_HISTORY) });
}

export function outlineOf({ percent, players: listed, except }: LayerSetting): SettingOutline {
  return { percent, playerCount: listed.length, exceptCount: except.length };
}

export function isSameSetting(one: LayerSetting, other: LayerSetting): boolean {
  return (
    one.percent === other.percent &&
    isSameList(one.players, other.players) &&
    isSameList(one.except, other.except)
  );
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === new Set(one).size;
}
