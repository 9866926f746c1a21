// Programs that a test or a benchmark needs beside Node.js. On Debian, as root, a missing one is installed; anywhere else
// its user is told how to get it. Nothing is skipped silently.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Another installation may hold the package manager's lock. */
const lockTimeoutSeconds = 180;

/**
 * Finds a program, installing its Debian package if need be. Says so in one line.
 *
 * @param {{ program: string, packageName: string, purpose: string }} need
 *   what to run, the package that has it, and what it is for ("records what the store writes")
 * @returns {string} the program's path
 * @throws {Error} when it is not there and can't be installed, with how to get it
 */
export function ensureDebianPackage({ program, packageName, purpose }) {
  const found = pathOf(program) ?? install({ program, packageName, purpose });
  if (found === undefined) {
    throw new Error(
      `${program} is needed (it ${purpose}) and could not be installed. As root: apt-get update && apt-get install -y ${packageName}`,
    );
  }
  return found;
}

/** @param {{ program: string, packageName: string, purpose: string }} need */
function install({ program, packageName, purpose }) {
  if (process.getuid?.() !== 0 || pathOf("apt-get") === undefined) return undefined;
  console.log(`Installing the Debian package ${packageName}: ${program} ${purpose}.`);
  const options = ["-y", "-q", "-o", `DPkg::Lock::Timeout=${lockTimeoutSeconds}`];
  const wanted = ["install", ...options, "--no-install-recommends", packageName];
  // The lists of a fresh image are empty, those of an older one may name versions that are gone.
  const isInstalled = aptGet(wanted) || (aptGet(["update", ...options]) && aptGet(wanted));
  return isInstalled ? pathOf(program) : undefined;
}

/** @param {string[]} given */
function aptGet(given) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", given, { env, stdio: "ignore" }).status === 0;
}

/** @param {string} program */
function pathOf(program) {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
