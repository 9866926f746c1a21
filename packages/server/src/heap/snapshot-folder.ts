/** Where snapshots lie: a folder for this user alone, files that appear whole or not at all, and never too many of them. */
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { MainspringError } from "@mainspring/core";
import { MAX_SNAPSHOTS_KEPT } from "./heap-limits.js";

const ENDING = ".heapsnapshot";
const DRAFT_ENDING = ".partial";

/** For its owner alone: a snapshot holds whatever memory held. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const OTHERS = 0o077;

/** Letters, digits, "-" and "_": no part of it can mean another folder. */
export const SNAPSHOT_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";

/** Of this user, in the system's folder for temporary files. */
export function defaultHeapFolder(): string {
  return join(tmpdir(), `mainspring-heap-${process.getuid?.() ?? 0}`);
}

/** A snapshot that is being made. */
export interface Draft {
  /** The file that it is written into. It is there. */
  readonly draftPath: string;
  /** Gives it its name. @returns path and size */
  keep(): { readonly path: string; readonly bytes: number };
  discard(): void;
}

/** Checks the folder, and makes it if it is missing. @throws MainspringError `HEAP_SNAPSHOT_REFUSED` */
export function openSnapshotFolder(folder: string): { readonly path: string; draft(name: string): Draft } {
  const path = resolve(folder);
  trying(path, () => mkdirSync(path, { recursive: true, mode: FOLDER_MODE }));
  checkPrivate(path);
  const files = trying(path, () => readdirSync(path)).filter(
    (file) => file.endsWith(ENDING) || file.endsWith(ENDING + DRAFT_ENDING),
  );
  if (files.length >= MAX_SNAPSHOTS_KEPT) {
    throw new MainspringError(
      "HEAP_SNAPSHOT_REFUSED",
      `${path} has ${files.length} heap snapshots already, and ${MAX_SNAPSHOTS_KEPT} is the bound. Move or delete those that are no longer needed.`,
      { lacking: "room" },
    );
  }
  return { path, draft: (name) => draftIn(path, name) };
}

function draftIn(folder: string, name: string): Draft {
  if (!new RegExp(SNAPSHOT_NAME_PATTERN).test(name))
    throw new MainspringError("INVALID_REQUEST", "A snapshot's name is letters, digits, - and _ alone.");
  const path = join(folder, `${name}.${processMark()}${ENDING}`);
  const draftPath = path + DRAFT_ENDING;
  if (existsSync(path)) {
    throw new MainspringError(
      "HEAP_SNAPSHOT_REFUSED",
      `There is a snapshot ${path} already. Choose another name.`,
      { lacking: "name" },
    );
  }
  // It must not be there yet, and nothing that was laid there by others is followed.
  closeSync(trying(folder, () => openSync(draftPath, "wx", FILE_MODE)));
  return {
    draftPath,
    keep() {
      renameSync(draftPath, path);
      return { path, bytes: statSync(path).size };
    },
    discard: () => rmSync(draftPath, { force: true }),
  };
}

/** Which process it is of, in the name: two snapshots can be compared object by object if they have the same mark. */
function processMark(): string {
  return `p${process.pid}-${Math.round(performance.timeOrigin / 1_000).toString(36)}`;
}

function checkPrivate(path: string): void {
  const found = lstatSync(path);
  // Windows knows neither users' numbers nor modes: there the folder is what its maker made it.
  const userId = process.getuid?.();
  const isPrivate = userId === undefined || (found.uid === userId && (found.mode & OTHERS) === 0);
  if (found.isDirectory() && isPrivate) return;
  throw new MainspringError(
    "HEAP_SNAPSHOT_REFUSED",
    `${path} must be a folder of the server's user that nobody else can look into (chmod 700): a snapshot holds keys and tokens.`,
    { lacking: "folder" },
  );
}

function trying<T>(folder: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new MainspringError(
      "HEAP_SNAPSHOT_REFUSED",
      `Nothing can be put into ${folder}: ${(error as Error).message}. Mend that, or name another folder with serve --heap-folder.`,
      { lacking: "folder" },
      { cause: error },
    );
  }
}
