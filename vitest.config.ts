// Every test of the workspace, one project for each folder that has some.
import { defineConfig } from "vitest/config";

/** Generated histories and crash rounds take long on a small machine; a hang still ends. */
const testTimeoutMs = 300_000;

const folders = ["packages/core", "packages/engine", "packages/server", "bench", "scripts"];

export default defineConfig({
  test: {
    passWithNoTests: false,
    // A forgotten `.only` would let everything else pass unseen.
    allowOnly: false,
    // By default one processor is left idle, which on a machine with two is half of it.
    maxWorkers: "100%",
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
    projects: folders.map((folder) => ({
      test: {
        name: folder.replace("packages/", ""),
        root: folder,
        include: ["test/**/*.test.ts"],
        pool: "forks",
        testTimeout: testTimeoutMs,
        hookTimeout: testTimeoutMs,
      },
    })),
  },
});
