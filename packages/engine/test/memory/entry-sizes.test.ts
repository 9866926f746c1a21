/** What the cache says of its size, beside what it takes. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

interface Measured {
  readonly entries: number;
  readonly actualBytes: number;
  readonly estimatedBytes: number;
}

const SCRIPT = fileURLToPath(new URL("entry-sizes.mjs", import.meta.url));

describe("what entries are said to take", () => {
  it("is within 30 % of what they take, in a process of its own with ten thousand of each kind", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", SCRIPT]);
    const measured = JSON.parse(stdout) as Readonly<Record<string, Measured>>;
    const lines = Object.entries(measured).map(
      ([name, { actualBytes, estimatedBytes }]) =>
        `${name}: ${Math.round(actualBytes)} bytes, estimated ${Math.round(estimatedBytes)}`,
    );
    console.log(lines.join("\n"));
    expect(lines.length).toBe(8);
    for (const [name, { entries, actualBytes, estimatedBytes }] of Object.entries(measured)) {
      expect(entries, name).toBe(10_000);
      expect(Math.abs(actualBytes / estimatedBytes - 1), name).toBeLessThan(0.3);
    }
  });
});
