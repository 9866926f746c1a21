/**
 * Opens the LMDB environment in a data folder, making it first where it is missing, with the settings that durability
 * rests on.
 *
 * With `overlappingSync` off, lmdb's commit is LMDB's own: write the pages, flush them, write the meta page through a
 * descriptor that flushes each write, and only then publish the transaction's number, which is what a reader starts from.
 * So nobody, in this process or another, sees what a power cut could still take. (With it on, lmdb's default, a
 * transaction is published before it is flushed.) `eventTurnBatching` is off since the group commit does that itself, and
 * so that lmdb's thread never holds a transaction open while it waits for this one.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MainspringError } from "@mainspring/core";
import { type Database, open, type RootDatabase } from "lmdb";
import { checkDataFile } from "./data-file.js";
import { codeOf, unavailable } from "./failure.js";
import { FOLDER_MODE, syncFolder } from "./folder.js";
import { asciiKeys, type EventsKey, eventsKeys, type QuarantineKey, quarantineKeys } from "./layout.js";

/** Raised when a release lays out its tables so that an older one would misread them. */
export const STORE_FORMAT = 1;

/** Address space, not memory: the map is never moved while the data is smaller, and lmdb enlarges it beyond. */
const MAP_BYTES = 64 * 1024 ** 3;

const FILE_MODE = 0o600;

/** Another starter may get in between looking and making; twice in a row means that something else is wrong. */
const MAX_CREATE_ATTEMPTS = 3;

export const UNFINISHED_PREFIX = ".new-";

export interface Tables {
  readonly meta: Database<Uint8Array, string>;
  readonly records: Database<Uint8Array, string>;
  readonly events: Database<Uint8Array, EventsKey>;
  readonly marks: Database<Uint8Array, EventsKey>;
  readonly snapshots: Database<Uint8Array, EventsKey>;
  readonly catalogs: Database<Uint8Array, string>;
  readonly timeline: Database<Uint8Array, string>;
  readonly settings: Database<Uint8Array, string>;
  readonly quarantine: Database<Uint8Array, QuarantineKey>;
  readonly quarantined: Database<Uint8Array, string>;
}

export interface Environment {
  readonly root: RootDatabase<Uint8Array, string>;
  readonly tables: Tables;
}

/**
 * How commits reach the disk. Anything but `"flushed"` is only for the tests that show that they find what is lost:
 * `"never"` doesn't flush at all, `"overlapping"` is lmdb's default.
 */
export type Durability = "flushed" | "never" | "overlapping";

export interface EnvironmentOptions {
  /** The data folder; it exists. */
  readonly folder: string;
  /** Default: `"flushed"`. */
  readonly durability?: Durability;
}

/** Where the environment of a data folder lies. */
export function environmentPath(folder: string): string {
  return join(folder, "store");
}

/**
 * @throws MainspringError `UPGRADE_REQUIRED` for a newer format, `STORE_UNAVAILABLE` for what is damaged or can't be
 * reached
 */
export async function openEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const path = environmentPath(options.folder);
  try {
    for (let attempt = 1; !existsSync(join(path, "data.mdb")); attempt += 1) {
      await createEnvironment(options.folder, attempt);
    }
  } catch (error) {
    throw unavailable(`No store can be made in ${options.folder}`, error);
  }
  let root: RootDatabase<Uint8Array, string> | undefined;
  try {
    checkDataFile(path);
    root = openRoot(path, options.durability ?? "flushed");
    assertFormat(root, path);
    return { root, tables: openTables(root) };
  } catch (error) {
    await root?.close();
    throw unavailable(`The store in ${path} can't be opened`, error);
  }
}

/**
 * Makes an environment aside, flushes it, and only then gives it its name: a half-made one is never found, and of two
 * starters one wins. LMDB doesn't flush a new file before its first commit, so made in place, a power cut could leave
 * one that can't be opened.
 */
async function createEnvironment(folder: string, attempt: number): Promise<void> {
  const aside = join(folder, UNFINISHED_PREFIX + randomBytes(8).toString("hex"));
  try {
    mkdirSync(aside, { mode: FOLDER_MODE });
    const root = openRoot(aside, "flushed");
    try {
      const { meta } = openTables(root);
      meta.transactionSync(() => {
        void meta.put("format", Buffer.from(JSON.stringify({ format: STORE_FORMAT })));
      });
    } finally {
      await root.close();
    }
    syncFolder(aside);
    renameSync(aside, environmentPath(folder));
    syncFolder(folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Another starter was faster, or has tidied up what it took for a leftover.
    const isRace = ["ENOTEMPTY", "EEXIST", "ENOENT"].includes(codeOf(error) ?? "");
    if (!isRace || attempt === MAX_CREATE_ATTEMPTS) throw error;
  }
}

function openRoot(path: string, durability: Durability): RootDatabase<Uint8Array, string> {
  const options = {
    path,
    noSubdir: false,
    overlappingSync: durability === "overlapping",
    noSync: durability === "never",
    eventTurnBatching: false,
    mapSize: MAP_BYTES,
    permissionsMode: FILE_MODE,
    encoding: "binary" as const,
  };
  return open<Uint8Array, string>(options);
}

function openTables(root: RootDatabase<Uint8Array, string>): Tables {
  const table = <K extends string | EventsKey | QuarantineKey>(name: string, keyEncoder: object) => {
    const options = { encoding: "binary" as const, keyEncoder };
    return root.openDB<Uint8Array, K>(name, options);
  };
  const meta = openMeta(root, { create: true });
  if (meta === undefined) throw new Error("Its table of settings is missing.");
  return {
    meta,
    records: table<string>("records", asciiKeys),
    events: table<EventsKey>("events", eventsKeys),
    marks: table<EventsKey>("marks", eventsKeys),
    snapshots: table<EventsKey>("snapshots", eventsKeys),
    catalogs: table<string>("catalogs", asciiKeys),
    timeline: table<string>("timeline", asciiKeys),
    settings: table<string>("settings", asciiKeys),
    quarantine: table<QuarantineKey>("quarantine", quarantineKeys),
    quarantined: table<string>("quarantined", asciiKeys),
  };
}

/** Its entries have versions: the group commit makes each transaction depend on that of the owner. */
function openMeta(
  root: RootDatabase<Uint8Array, string>,
  { create }: { readonly create: boolean },
): Database<Uint8Array, string> | undefined {
  const options = { encoding: "binary" as const, keyEncoder: asciiKeys, useVersions: true, create };
  return root.openDB<Uint8Array, string>("meta", options);
}

function assertFormat(root: RootDatabase<Uint8Array, string>, path: string): void {
  const value = openMeta(root, { create: false })?.get("format");
  if (value === undefined) throw new Error("It is an LMDB environment, but not one of Mainspring.");
  const { format } = JSON.parse(Buffer.from(value).toString("utf8")) as { format: number };
  if (format > STORE_FORMAT) {
    throw new MainspringError(
      "UPGRADE_REQUIRED",
      `The store in ${path} has format ${format}; this release knows ${STORE_FORMAT}. Run the release that wrote it, or a newer one.`,
      { format, known: STORE_FORMAT },
    );
  }
}
