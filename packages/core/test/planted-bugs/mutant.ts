/** Copies of the built package with a bug planted, and how soon the laws find it. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { check, property } from "fast-check";
import { historyPlan } from "../generate/history-plan.js";
import type { Core } from "../laws/core-api.js";
import { playHistory } from "../laws/play-history.js";
import type { PlantedBug } from "./bugs.js";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const workspaceFolder = fileURLToPath(new URL("../../../..", import.meta.url));

/** Brings `dist` up to date with the sources; does nothing if it is. */
export function build(): void {
  const compiler = join(workspaceFolder, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-b", packageFolder], { stdio: "pipe" });
}

/** Imports a copy of the built package in which a text is replaced, or a plain copy; removes the copy again. */
export async function importCopy(bug: PlantedBug | null): Promise<Core> {
  const folder = mkdtempSync(join(tmpdir(), "mainspring-core-"));
  try {
    // What lies in a folder of this name is imported as it is.
    const home = join(folder, "node_modules", "core");
    mkdirSync(home, { recursive: true });
    cpSync(join(packageFolder, "dist"), join(home, "dist"), { recursive: true });
    writeFileSync(join(home, "package.json"), JSON.stringify({ type: "module" }));
    if (bug !== null) plant(join(home, "dist", bug.file), bug);
    return (await import(pathToFileURL(join(home, "dist", "index.js")).href)) as Core;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function plant(path: string, { file, text, replacement }: PlantedBug): void {
  const source = readFileSync(path, "utf8");
  const found = source.split(text).length - 1;
  if (found !== 1) throw new Error(`${file} has ${JSON.stringify(text)} ${found} times, not once.`);
  writeFileSync(
    path,
    source.replace(text, () => replacement),
  );
}

export interface Verdict {
  /** How many histories were played until a law broke; `null`: none broke. */
  readonly foundAfter: number | null;
  readonly law: string;
}

/** Puts random histories to a copy of the product until a law breaks. */
export function judge(core: Core, { histories, seed }: { histories: number; seed: number }): Verdict {
  const details = check(
    property(historyPlan, (plan) => void playHistory(core, plan)),
    { numRuns: histories, seed, endOnFailure: true },
  );
  if (!details.failed) return { foundAfter: null, law: "" };
  const [law = ""] = String(details.errorInstance).split("\n");
  return { foundAfter: details.numRuns, law };
}
