/** The data folder itself: made with its parents, private, and so that a power cut can't take it away again. */
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MainspringError } from "@mainspring/core";
import { codeOf, unavailable } from "./failure.js";

/** Records hold the seeds of chance, which are secret. */
export const FOLDER_MODE = 0o700;

/**
 * Makes the folder where it is missing.
 *
 * @returns its real path
 * @throws MainspringError `CONFIG_INVALID` when something else is in its place, `STORE_UNAVAILABLE` when it can't be made
 */
export function ensureFolder(folder: string): string {
  const path = resolve(folder);
  try {
    const made = mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
    if (made !== undefined) syncUpTo(path, dirname(made));
    if (!statSync(path).isDirectory()) throw notAFolder(path);
    return realpathSync(path);
  } catch (error) {
    if (["EEXIST", "ENOTDIR"].includes(codeOf(error) ?? "")) throw notAFolder(path);
    throw unavailable(`The data folder ${path} can't be made or read`, error);
  }
}

/** Makes the names in a folder durable: a file's own flush doesn't promise that its name survives. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** From a folder that was just made up to the one that was there before. */
function syncUpTo(path: string, oldest: string): void {
  syncFolder(path);
  if (path !== oldest) syncUpTo(dirname(path), oldest);
}

function notAFolder(path: string): MainspringError {
  return new MainspringError(
    "CONFIG_INVALID",
    `The data folder ${path} is (or lies under) something that is not a folder. Choose another with --data.`,
  );
}
