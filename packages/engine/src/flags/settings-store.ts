/** The part of the store that keeps settings, for switches to survive restarts and to reach all instances. */

export interface StoredSettings {
  /** Counts replacements, from 1. */
  readonly version: number;
  /** JSON text. */
  readonly document: string;
}

/** Of one document of settings. */
export const MAX_SETTINGS_BYTES = 262_144;

/** Settings that all instances share, each document under a name: 1 to 64 of `a-z 0-9 -`. */
export interface SettingsStore {
  /** The latest that was acknowledged; `null`: nothing was ever stored. */
  readSettings(name: string): Promise<StoredSettings | null>;
  /**
   * Replaces a document. `false`, and nothing stored, unless its version is `expectedVersion` (0: there is none); the new one's is one
   * higher.
   * @throws MainspringError `INVALID_REQUEST` for more than {@link MAX_SETTINGS_BYTES}
   */
  putSettings(name: string, document: string, expectedVersion: number): Promise<boolean>;
}
