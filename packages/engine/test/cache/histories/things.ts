/** A game's own values: a table with versions, and who changes it. The writers of one key take turns, as a game would see to. */
import { MainspringError } from "@mainspring/core";
import type { Change, Ledger } from "./history-face.js";
import type { PlayedInstance, Thing } from "./instance.js";
import type { Random } from "./random.js";
import type { StoreConditions } from "./slow-store.js";
import type { Chain } from "./truth.js";
import type { World } from "./world.js";

export interface Things {
  chain(key: string): Chain;
  /** Which version an answer is; the newest where there is none, for `null`. */
  indexOf(key: string, thing: Thing | null): number | null;
  load(instance: PlayedInstance, key: string): Promise<Thing | null>;
  /** Changes the table. `null`: it is somebody else's turn. */
  beginChange(instance: PlayedInstance, key: string, isAbsent: boolean): Promise<Change | null>;
}

export interface ThingsOptions {
  readonly world: Pick<World, "nowMs" | "after">;
  readonly chainOf: (subject: string) => Chain;
  readonly note: Ledger["note"];
  readonly random: Random;
  readonly storage: Readonly<StoreConditions>;
}

const MAX_USUAL_DELAY_MS = 10;
const SLOW_LOAD_RATE = 0.15;
const MAX_SLOW_LOAD_MS = 700;

export function createThings({ world, chainOf, note, random, storage }: ThingsOptions): Things {
  const table = new Map<string, Thing | null>();
  const lastAbsent = new Map<string, number>();
  const writing = new Set<string>();
  const chain = (key: string) => chainOf(`things ${key}`);
  /** Goes there, does it, and comes back. */
  const visit = async <T>(instance: PlayedInstance, mostMs: number, run: () => T): Promise<T> => {
    const toMs = random.between(0.1, mostMs);
    const fromMs = random.between(0.1, mostMs);
    const isLost = random.chance(storage.before);
    return new Promise<T>((resolve, reject) => {
      world.after(toMs, () => {
        if (isLost) {
          const error = new MainspringError(
            "STORE_UNAVAILABLE",
            "An injected fault of the game's own table.",
          );
          instance.process.deliver(fromMs, () => reject(error));
          return;
        }
        const value = run();
        instance.process.deliver(fromMs, () => resolve(value));
      });
    });
  };
  return {
    chain,
    indexOf(key, thing) {
      if (thing === null) return lastAbsent.get(key) ?? 0;
      return chain(key).find(String(thing.version))?.index ?? null;
    },
    load: async (instance, key) =>
      visit(instance, random.chance(SLOW_LOAD_RATE) ? MAX_SLOW_LOAD_MS : MAX_USUAL_DELAY_MS, () => {
        const value = table.get(key) ?? null;
        note(chain(key).subject, instance.name, `loads ${value === null ? "nothing" : `#${value.version}`}`);
        return value;
      }),
    async beginChange(instance, key, isAbsent) {
      if (writing.has(key)) return null;
      writing.add(key);
      let version: ReturnType<Chain["add"]> | null = null;
      const release = (): void => {
        writing.delete(key);
        if (version !== null) chain(key).acknowledge(version, world.nowMs());
      };
      const callOff = instance.process.onDeath(release);
      const value = await visit(instance, MAX_USUAL_DELAY_MS, () => {
        // The process is gone, and with it its turn.
        if (!instance.process.isAlive()) return null;
        const next = chain(key).newest() + 1;
        version = chain(key).add(String(next), world.nowMs());
        const written = isAbsent ? null : { version: next };
        table.set(key, written);
        if (isAbsent) lastAbsent.set(key, next);
        note(chain(key).subject, "db", `#${next} is durable${isAbsent ? ", and is nothing" : ""}`);
        return written;
      }).catch((error: unknown) => {
        callOff();
        release();
        throw error;
      });
      return {
        value,
        end(session) {
          callOff();
          release();
          const index = version?.index ?? 0;
          note(chain(key).subject, instance.name, `${session.name} is told: #${index} is cached`);
          instance.floors.raise(chain(key).subject, index);
          instance.changed.raise(chain(key).subject, index);
          session.shown.raise(chain(key).subject, index);
        },
      };
    },
  };
}
