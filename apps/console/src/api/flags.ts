/** What `GET /v1/admin/flags` answers, and what a change sends. Written by hand; a test holds it against the server's description. */

/** For whom a layer is on. */
export interface LayerSetting {
  /** 0 to 100, two decimals. */
  readonly percent: number;
  /** Always on for these. */
  readonly players: readonly string[];
  /** Always off for these. */
  readonly except: readonly string[];
}

/** The same without anybody's id. */
export interface SettingOutline {
  readonly percent: number;
  readonly playerCount: number;
  readonly exceptCount: number;
}

export interface ArmNumbers {
  readonly requests: number;
  /** Ended with an error that is ours, or were refused for overload. */
  readonly errors: number;
  /** Answers that the plain path contradicts; only a sample is checked. */
  readonly wrong: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Layer extends LayerSetting {
  readonly isGuarded: boolean;
  readonly isBuiltIn: boolean;
  readonly notBuiltInBecause: string | null;
  readonly isOfWholeProcess: boolean;
  readonly configured: LayerSetting;
  /** All three are null while it is as configured. */
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
  readonly reason: string | null;
  /** Of the last 30 s; null unless it is on for some players only. */
  readonly arms: { readonly on: ArmNumbers; readonly off: ArmNumbers } | null;
}

export interface Change {
  readonly atMs: number;
  readonly layer: string;
  /** `admin:…`, `guard` or `configuration`. */
  readonly by: string;
  readonly reason: string | null;
  readonly from: SettingOutline;
  readonly to: SettingOutline;
}

export interface Flags {
  /** Of the stored settings; 0: nothing was ever switched. */
  readonly version: number;
  readonly layers: Readonly<Record<string, Layer>>;
  /** By the guard of the process that answered. */
  readonly reverts: number;
  /** The newest first. */
  readonly history: readonly Change[];
}

/** What is sent to put a layer back to what the configuration says. */
export interface ResetOrder {
  readonly reason: string;
  /** The version of the settings that the operator looked at. */
  readonly ifVersion: number;
}

/** What is sent to switch a layer. */
export interface SwitchOrder extends LayerSetting, ResetOrder {
  readonly isGuarded: boolean;
}

export function isFlags(value: unknown): value is Flags {
  if (typeof value !== "object" || value === null) return false;
  const { version, layers, history } = value as Partial<Flags>;
  return (
    typeof version === "number" && typeof layers === "object" && layers !== null && Array.isArray(history)
  );
}
