/** The benchmark as a command: it measures the rows it is asked for, prints them as a table, and leaves nothing behind. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Report } from "../src/report.js";
import { ROWS } from "../src/row-list.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Rows that need nothing but the rules. */
const PURE_ROWS = ["settle-idle", "settle-week", "settle-week-by-chance"];

const run = promisify(execFile);

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-test-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

const bench = async (...args: string[]) =>
  run(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: folder } });

describe("npm run bench", () => {
  it("prints a line for every row it was asked for, and the machine", async () => {
    const { stdout } = await bench("--quick", ...PURE_ROWS);
    const lines = stdout.split("\n").filter((line) => line.startsWith("|"));
    expect(lines).toHaveLength(2 + PURE_ROWS.length);
    for (const line of lines) expect(line.split(" | ")).toHaveLength(5);
    expect(stdout).not.toContain("failed");
    expect(stdout).toContain(`Node.js ${process.versions.node}`);
    expect(stdout).toContain("Quick mode");
  });

  it("gives the bare figures as JSON", async () => {
    const { stdout } = await bench("--quick", "--json", "settle-week");
    const report = JSON.parse(stdout) as Report;
    expect(report.failures).toEqual([]);
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]?.figures["ns"]).toMatchObject({ roundCount: 3 });
  });

  it("leaves no file behind", async () => {
    await bench("--quick", "settle-idle");
    expect(await readdir(folder)).toEqual([]);
  });

  it("cleans up when it is interrupted", async () => {
    const child = spawn(process.execPath, [MAIN, "settle-week-by-chance"], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.push(child);
    await once(child.stderr, "data");
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses a row that there is not, and says which there are", async () => {
    const refused = bench("settle-everything").catch((error: unknown) => error);
    expect(await refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("settle-idle, settle-week,") as string,
    });
  });

  it("names each row once", () => {
    const names = ROWS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
