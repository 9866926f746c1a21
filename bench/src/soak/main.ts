/**
 * `npm run soak`: a server under load for long, with caches far too small and far too large, each in a process of its own.
 *
 *     npm run soak -- [--minutes 2] [--arm small|large] [--leak] [--snapshots folder] [--json] [--players 5000] [--per-second 600] [--seed 1]
 *
 * It ends with 1 if something grows. With `--leak` something is kept of each request: then it must. Heap snapshots, for
 * `mainspring heap compare`, hold what memory holds: here nothing but players of the soak.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createReleases, onInterrupt } from "../releases.js";
import { type ArmPlan, runArm, type SoakPlan } from "./run-arm.js";
import { reportOf, soakMarkdown } from "./soak-report.js";

const MEBIBYTE = 1024 ** 2;
const MINUTE_MS = 60_000;

/** For 5,000 players. */
const ARMS = {
  small: { name: "far too small", cache: { maxEntries: 50, maxBytes: MEBIBYTE } },
  large: { name: "far too large", cache: { maxEntries: 1_000_000, maxBytes: 4_096 * MEBIBYTE } },
} as const;

/** Looks in a whole soak, about: each takes some tenths of a second in which nothing is asked. */
const LOOKS = 60;
const SHORTEST_STRETCH_MS = 1_000;

interface Choice extends SoakPlan {
  readonly arms: readonly (keyof typeof ARMS)[];
  readonly isJson: boolean;
}

function choiceOf(args: readonly string[]): Choice {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "2" },
      arm: { type: "string" },
      leak: { type: "boolean", default: false },
      snapshots: { type: "string" },
      json: { type: "boolean", default: false },
      players: { type: "string", default: "5000" },
      "per-second": { type: "string", default: "600" },
      seed: { type: "string", default: "1" },
    },
  });
  const positive = (name: "minutes" | "players" | "per-second" | "seed"): number => {
    const number = Number(values[name]);
    if (!(number > 0 && Number.isFinite(number))) throw new Error(`--${name} must be a positive number.`);
    return number;
  };
  const { arm } = values;
  if (arm !== undefined && arm !== "small" && arm !== "large") throw new Error("--arm is small or large.");
  const durationMs = positive("minutes") * MINUTE_MS;
  return {
    arms: arm === undefined ? ["small", "large"] : [arm],
    isJson: values.json,
    isLeaking: values.leak,
    snapshotFolder: values.snapshots ?? null,
    playerCount: Math.ceil(positive("players")),
    perSecond: positive("per-second"),
    seed: positive("seed"),
    durationMs,
    stretchMs: Math.max(SHORTEST_STRETCH_MS, durationMs / LOOKS),
  };
}

async function main(): Promise<void> {
  const { arms, isJson, ...plan } = choiceOf(process.argv.slice(2));
  const root = mkdtempSync(join(tmpdir(), "mainspring-soak-"));
  const { defer, releaseAll } = createReleases();
  defer(() => rmSync(root, { recursive: true, force: true }));
  onInterrupt(releaseAll);
  try {
    const running = arms.map(async (arm) => {
      const armPlan: ArmPlan = { ...plan, ...ARMS[arm], folder: join(root, arm) };
      return runArm({ defer }, armPlan);
    });
    // One that fails leaves the others their processes until they are done.
    await Promise.allSettled(running);
    const report = reportOf(await Promise.all(running));
    console.log(isJson ? JSON.stringify(report, null, 2) : soakMarkdown(report));
    if (!report.isPassed) process.exitCode = 1;
  } finally {
    await releaseAll();
  }
}

main().catch((error: unknown) => {
  console.error(`soak: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
