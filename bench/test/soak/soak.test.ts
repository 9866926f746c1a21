/**
 * Two minutes of the soak, and beside it a shorter one in which a leak is planted: what is live stays flat, handles and listeners don't grow,
 * and whoever looks sees it where it isn't so. `npm run soak -- --minutes 30` is the long one.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SoakReport } from "../../src/soak/soak-report.js";

const MAIN = fileURLToPath(new URL("../../dist/soak/main.js", import.meta.url));

/** On a machine that has much else to do a soak goes on until it has seen enough. */
const SLOWEST_MS = 900_000;

/**
 * Slowly enough that the machine keeps up whatever else it does: what a leak of each request takes in a minute is steady only while requests
 * are, and what flattens is a warm-up to the governor.
 */
const LEAKING = "--minutes 2 --leak --arm small --players 1000 --per-second 250".split(" ");

const MAINSPRING = fileURLToPath(new URL("../../../packages/server/bin/mainspring.js", import.meta.url));

const run = promisify(execFile);

interface Ended {
  readonly exitCode: number;
  readonly report: SoakReport;
  readonly errors: string;
}

const soak = async (...args: string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [MAIN, "--json", ...args],
      { maxBuffer: 64 * 1024 ** 2 },
      (_, stdout, errors) => {
        // A soak that found growth ends with 1; one that failed says nothing.
        if (stdout === "") reject(new Error(errors));
        else resolve({ exitCode: child.exitCode ?? -1, report: JSON.parse(stdout) as SoakReport, errors });
      },
    );
  });

describe("a server under load for two minutes", () => {
  let calm: Ended;
  let leaking: Ended;
  let folder: string;

  afterAll(async () => rm(folder, { recursive: true }));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "soak-test-"));
    [calm, leaking] = await Promise.all([soak("--minutes", "2"), soak(...LEAKING, "--snapshots", folder)]);
  }, SLOWEST_MS);

  it("keeps no more memory and no more handles than at first, with caches far too small and far too large", () => {
    expect(
      calm.report.arms.map(({ name, verdict: { isGrowing, grown } }) => ({ name, isGrowing, grown })),
    ).toEqual([
      { name: "far too small", isGrowing: false, grown: [] },
      { name: "far too large", isGrowing: false, grown: [] },
    ]);
    expect(calm.exitCode).toBe(0);
  });

  it("had answers to nearly all that was asked of it", () => {
    for (const { outcomes, verdict } of calm.report.arms) {
      expect(outcomes["timed-out"]).toBe(0);
      expect(verdict.requestsPerMinute).toBeGreaterThan(0);
    }
  });

  it("is convicted of a hundred bytes that it keeps of each request", () => {
    const [arm] = leaking.report.arms;
    expect(arm?.verdict).toMatchObject({ isGrowing: true, grown: [] });
    expect(leaking.exitCode).toBe(1);
  });

  it("raises its own alarm about them", () => {
    expect(leaking.report.arms[0]?.alarm?.lowBytesPerMinute).toBeGreaterThan(0);
  });

  it("shows heap compare what they are", async () => {
    const snapshots = leaking.report.arms[0]?.snapshots ?? [];
    const { stdout } = await run(process.execPath, [MAINSPRING, "heap", "compare", ...snapshots, "--json"]);
    const [most] = (JSON.parse(stdout) as { byCount: { constructorName: string; newCount: number }[] })
      .byCount;
    expect(most?.constructorName).toBe("LeakedSession");
    expect(most?.newCount).toBeGreaterThan(10_000);
  });
});
