// Runs record-vectors.ts, which is no test and so isn't found by `npm test`. `--replace` overwrites a set that is there.
import { fileURLToPath } from "node:url";
import { startVitest } from "vitest/node";

if (process.argv.includes("--replace")) process.env["MAINSPRING_REPLACE_VECTORS"] = "1";
const vitest = await startVitest("test", [], {
  config: false,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  include: ["test/vectors/record-vectors.ts"],
  watch: false,
  testTimeout: 120_000,
});
await vitest.close();
