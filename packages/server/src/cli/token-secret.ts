/** The key that signs tokens on this machine: from the environment, or the one that a development server keeps in its data folder. */
import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MainspringError } from "@mainspring/core";
import type { Environment } from "./settings.js";

export const KEY_FILE = "development-key";

const KEY_BYTES = 32;
const KEY_FORM = /^[0-9a-f]{64}\n?$/;

/** For its owner alone. */
const KEY_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** The key of the environment, if there is one. */
export function environmentSecret(env: Environment): string | undefined {
  const secret = env["MAINSPRING_JWT_SECRET"];
  return secret === undefined || secret === "" ? undefined : secret;
}

/** The development key of a data folder, if it has one. @throws MainspringError `CONFIG_INVALID` if it is damaged. */
export function readDevelopmentKey(folder: string): string | undefined {
  const path = join(folder, KEY_FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
    // Somebody may have copied the folder about; the key is for its owner alone.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, KEY_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new MainspringError(
      "CONFIG_INVALID",
      `The development key ${path} can't be read: ${(error as Error).message}.`,
    );
  }
  if (!KEY_FORM.test(text)) {
    throw new MainspringError(
      "CONFIG_INVALID",
      `The development key ${path} is damaged. Delete it, and the server makes a new one.`,
    );
  }
  return text.trim();
}

/** The same, made if there is none. */
export function ensureDevelopmentKey(folder: string): string {
  const known = readDevelopmentKey(folder);
  if (known !== undefined) return known;
  const path = join(folder, KEY_FILE);
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    writeFileSync(draft, `${randomBytes(KEY_BYTES).toString("hex")}\n`, { mode: KEY_MODE, flag: "wx" });
    // A link appears whole or not at all, and never replaces another's.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new MainspringError(
        "CONFIG_INVALID",
        `The development key ${path} can't be made: ${(error as Error).message}.`,
      );
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const made = readDevelopmentKey(folder);
  if (made === undefined)
    throw new MainspringError("CONFIG_INVALID", `The development key ${path} can't be made.`);
  return made;
}

/** What signs tokens for a server of this environment or data folder. @throws MainspringError `CONFIG_INVALID` if there is nothing. */
export function signingSecret(env: Environment, folder: string): string {
  const secret = environmentSecret(env) ?? readDevelopmentKey(folder);
  if (secret !== undefined) return secret;
  throw new MainspringError(
    "CONFIG_INVALID",
    `There is no key to sign with: ${folder} has no ${KEY_FILE}. Start the server with --dev first, name its folder with --data, or set MAINSPRING_JWT_SECRET.`,
  );
}
