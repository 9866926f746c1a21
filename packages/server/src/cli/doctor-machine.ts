/** What the doctor looks at on this machine: Node.js, the data folder, and the store in it. */
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { compileCatalog, isMainspringError } from "@mainspring/core";
import type { Store } from "@mainspring/engine";
import type { DoctorSettings, Finding } from "./finding.js";

const MIN_NODE = { major: 20, minor: 19 };

/** Below the first a server may soon stop taking commands; below the second it is about to. 1 GiB and 100 MiB. */
const LOW_DISK_BYTES = 1_073_741_824;
const MIN_DISK_BYTES = 104_857_600;

const MIB = 1_048_576;

/** Quarantined records that are counted; more are as bad. */
const MAX_QUARANTINED = 1_000;

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isFine = major > MIN_NODE.major || (major === MIN_NODE.major && minor >= MIN_NODE.minor);
  const what = `Node.js ${version}`;
  return isFine
    ? { state: "ok", what }
    : { state: "fail", what, remedy: `Install Node.js ${MIN_NODE.major}.${MIN_NODE.minor} or later.` };
}

/** Whether the folder, or where it would be made, can be written to and has room. */
export async function checkFolder(data: string): Promise<Finding[]> {
  const folder = resolve(data);
  const there = nearest(folder);
  const isMissing = there !== folder;
  if (!statSync(there).isDirectory()) {
    return [{ state: "fail", what: `${there} is no folder.`, remedy: "Name another with --data." }];
  }
  const place = isMissing ? `The data folder ${folder} is not there yet` : `The data folder ${folder}`;
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch {
    return [
      {
        state: "fail",
        what: `${place} and can't be written to.`,
        remedy: `Give this user the right to write in ${there}, or name another folder with --data.`,
      },
    ];
  }
  const { bavail, bsize } = statfsSync(there);
  const freeBytes = bavail * bsize;
  const free = `${Math.floor(freeBytes / MIB)} MiB free`;
  const remedy = "Free some space: without it commands are refused.";
  if (freeBytes < MIN_DISK_BYTES) return [{ state: "fail", what: `${place}: only ${free}.`, remedy }];
  if (freeBytes < LOW_DISK_BYTES) return [{ state: "warn", what: `${place}: only ${free}.`, remedy }];
  return [{ state: "ok", what: `${place}: it can be written to, ${free}.` }];
}

/** The folder, or the nearest one above that exists. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

export interface StoreFindings {
  readonly findings: readonly Finding[];
  /** A server runs on the folder. */
  readonly isInUse: boolean;
}

/** Opens the store for a moment, if there is one and no server runs on it. */
export async function checkStore(data: string): Promise<StoreFindings> {
  if (!existsSync(join(data, "store"))) {
    return {
      findings: [{ state: "ok", what: "There is no store in it yet: the first start makes one." }],
      isInUse: false,
    };
  }
  const { openLmdbStore } = await import("@mainspring/engine/lmdb");
  let store: Store;
  try {
    store = await openLmdbStore({ folder: data });
  } catch (error) {
    if (isMainspringError(error) && error.code === "DATA_FOLDER_IN_USE") {
      return { findings: [{ state: "ok", what: "A server runs on it." }], isInUse: true };
    }
    const what = `Its store can't be opened: ${error instanceof Error ? error.message : String(error)}`;
    return {
      findings: [
        { state: "fail", what, remedy: "If it is damaged, put a backup in its place; don't delete it." },
      ],
      isInUse: false,
    };
  }
  try {
    return { findings: [await checkCatalog(store), await checkQuarantine(store)], isInUse: false };
  } finally {
    await store.close();
  }
}

/** Looks into the tables of DynamoDB. Servers may run on them. */
export async function checkTables({
  tablePrefix,
}: Pick<DoctorSettings, "tablePrefix">): Promise<StoreFindings> {
  const { openDynamoDbStore } = await import("@mainspring/engine/dynamodb");
  try {
    const store = await openDynamoDbStore({ tablePrefix });
    try {
      const tables: Finding = { state: "ok", what: `The tables ${tablePrefix}* are there and can be read.` };
      return { findings: [tables, await checkCatalog(store), await checkQuarantine(store)], isInUse: false };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!isMainspringError(error)) throw error;
    const remedy = "Region, endpoint and credentials come from AWS's own environment.";
    return { findings: [{ state: "fail", what: error.message, remedy }], isInUse: false };
  }
}

async function checkCatalog(store: Store): Promise<Finding> {
  const last = (await store.readTimeline()).at(-1);
  if (last === undefined) {
    return {
      state: "warn",
      what: "The store has no catalog yet.",
      remedy: "Start the server with --catalog file.json.",
    };
  }
  const document = await store.readCatalog(last.hash);
  if (document === null) {
    return {
      state: "fail",
      what: `The catalog ${last.hash} is missing from the store.`,
      remedy: "Put a backup in its place.",
    };
  }
  try {
    const { name, hash } = compileCatalog(JSON.parse(document));
    if (hash !== last.hash) throw new Error("this release reads it as another");
    return { state: "ok", what: `Its newest catalog is ${name} ${hash}.` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      state: "fail",
      what: `The catalog ${last.hash} can't be used: ${reason}`,
      remedy: "Use the release that stored it, or a newer one.",
    };
  }
}

async function checkQuarantine(store: Store): Promise<Finding> {
  const records = await store.quarantined(MAX_QUARANTINED);
  const [first] = records;
  if (first === undefined) return { state: "ok", what: "No record is in quarantine." };
  const many = records.length === MAX_QUARANTINED ? `${records.length} or more` : String(records.length);
  const damaged = records.length === 1 ? "One damaged record is" : `${many} damaged records are`;
  return {
    state: "fail",
    what: `${damaged} in quarantine, for example ${first.record.playerId}'s: ${first.reason}`,
    remedy: "Look for the cause, and put the players' records back: POST /v1/admin/players/{id}/restore.",
  };
}
