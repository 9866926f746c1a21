/**
 * Tells of levels that are entered and left: whoever listens, always, and the log, of each change at most once a minute, with how often it
 * happened meanwhile.
 */
import type { MemoryLevel, Telemetry, Timers } from "../ports.js";

const NOTE_EVERY_MS = 60_000;

const ENTERED: Readonly<Record<1 | 2 | 3, string>> = {
  1: "Memory is short: expired and least valuable entries of the caches went.",
  2: "Memory is very short: the caches shrank to their floor; nothing is fetched ahead, low-priority requests are refused.",
  3: "Memory is all but used up: the caches were emptied; only commands and health are served.",
};

const SEVERITY = { 1: "info", 2: "warn", 3: "error" } as const;

export interface LevelChange {
  readonly level: MemoryLevel;
  readonly before: MemoryLevel;
}

export type Facts = Readonly<Record<string, string | number | boolean>>;

export type LevelListener = (level: MemoryLevel, before: MemoryLevel) => void;

export interface LevelNews {
  tell(change: LevelChange, facts: Facts): void;
  listen(listener: LevelListener): () => void;
  /** Nobody listens any more. */
  stop(): void;
}

export function createLevelNews(telemetry: Telemetry, timers: Timers): LevelNews {
  const notes = createNotes(telemetry, timers);
  const listeners = new Set<LevelListener>();
  return {
    tell(change, facts) {
      notes.note(change, facts);
      for (const listener of listeners) {
        try {
          listener(change.level, change.before);
        } catch (error) {
          const told = { error: error instanceof Error ? error.message : "unknown" };
          telemetry.note("error", "Whoever listens to the level of memory threw.", told);
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    stop: () => listeners.clear(),
  };
}

interface Notes {
  note(change: LevelChange, facts: Facts): void;
}

function createNotes(telemetry: Telemetry, timers: Timers): Notes {
  const silences = new Map<string, { readonly untilMs: number; timesSince: number }>();
  return {
    note({ level, before }, facts) {
      const change = `${before} to ${level}`;
      const silence = silences.get(change);
      if (silence !== undefined && timers.nowMs() < silence.untilMs) {
        silence.timesSince += 1;
        return;
      }
      silences.set(change, { untilMs: timers.nowMs() + NOTE_EVERY_MS, timesSince: 0 });
      telemetry.note(severityOf({ level, before }), messageFor({ level, before }), {
        level,
        before,
        ...facts,
        ...(silence !== undefined && silence.timesSince > 0 && { timesSinceLastNote: silence.timesSince }),
      });
    },
  };
}

function severityOf({ level, before }: LevelChange): "info" | "warn" | "error" {
  return level === 0 || level < before ? "info" : SEVERITY[level];
}

function messageFor({ level, before }: LevelChange): string {
  if (level === 0) return "There is enough memory again.";
  return level < before ? "Memory is less short than before." : ENTERED[level];
}
