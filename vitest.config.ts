// Every test of the workspace, one project for each folder that has some.
import { defineConfig } from "vitest/config";

/** Generated histories and crash rounds take long on a small machine; a hang still ends. */
const testTimeoutMs = 300_000;

/** The tests of the HTTP API run once more on each of these; see packages/server/test/support/test-store.ts. */
const httpStores = ["lmdb", "cached-lmdb", "dynamodb", "batched-dynamodb", "cached-dynamodb"];

/** And those that play, on each layer alone, with all of them on, all off, and all switched all the time. */
const httpLayers = [
  "poolless-dynamodb",
  "batched-memory",
  "predicting-memory",
  "governed-memory",
  "limited-memory",
  "interval-memory",
  "all-on",
  "all-off",
  "switched",
];

const ALL_HTTP = "test/http/**/*.test.ts";
const PLAYING_HTTP = "test/http/{player,queue,inventory}-{routes,versions}.test.ts";

const folders = ["packages/core", "packages/engine", "packages/server", "apps/console", "bench", "scripts"];

export default defineConfig({
  test: {
    passWithNoTests: false,
    // A forgotten `.only` would let everything else pass unseen.
    allowOnly: false,
    // By default one processor is left idle, which on a machine with two is half of it.
    maxWorkers: "100%",
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
    projects: [
      ...folders.map((folder) => project(folder.replace(/^(?:packages|apps)\//, ""), folder)),
      ...httpStores.map((store) => project(`http on ${store}`, "packages/server", { store })),
      ...httpLayers.map((store) =>
        project(`http on ${store}`, "packages/server", { store, include: PLAYING_HTTP }),
      ),
    ],
  },
});

/** With a store: only the tests of the HTTP API, on that store. */
function project(
  name: string,
  root: string,
  { store, include = ALL_HTTP }: { store?: string; include?: string } = {},
) {
  return {
    test: {
      name,
      root,
      include: [store === undefined ? "test/**/*.test.ts" : include],
      pool: "forks" as const,
      testTimeout: testTimeoutMs,
      hookTimeout: testTimeoutMs,
      env: {
        // What later releases of the AWS SDK will ask for is no news in each of the tests.
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        ...(store !== undefined && { MAINSPRING_TEST_STORE: store }),
      },
    },
  };
}
