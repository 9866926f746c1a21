/** Switches from the command line and the configuration file, on a server in a process of its own, across restarts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlagsView } from "@mainspring/engine";
import { expect, it, onTestFinished } from "vitest";
import { startDynalite } from "../support/dynalite-process.js";
import {
  FOUNDRY,
  run,
  serve as serveWith,
  start,
  type Started,
  temporaryFolder,
} from "../support/run-command.js";

interface Running extends Started {
  readonly url: string;
  readonly flags: (
    ...args: readonly string[]
  ) => Promise<{ code: number | null; stdout: string; stderr: string }>;
  readonly view: () => Promise<FlagsView>;
  readonly stop: () => Promise<void>;
}

interface Place {
  readonly data: string;
  readonly config: string;
}

function place(): Place {
  const folder = temporaryFolder();
  return { data: join(folder, "data"), config: join(folder, "config.json") };
}

function configure({ config }: Place, document: unknown): void {
  writeFileSync(config, JSON.stringify(document));
}

async function serve({ data, config }: Place): Promise<Running> {
  const options = ["--data", data, "--config", config, "--catalog", FOUNDRY, "--log-level", "info"];
  const started = start(["serve", "--dev", "--port", "0", ...options]);
  const [, url = ""] = await started.printed(/ready at (http:\S+)/);
  const flags: Running["flags"] = async (...args) => run(["flags", ...args, "--url", url, "--data", data]);
  return {
    ...started,
    url,
    flags,
    view: async () => JSON.parse((await flags("--json")).stdout) as FlagsView,
    async stop() {
      started.child.kill("SIGTERM");
      await started.ended;
    },
  };
}

it("shows, sets and resets them, and a restart keeps them", async () => {
  const here = place();
  configure(here, { layers: { batching: true } });
  const before = await serve(here);
  const shown = await before.flags();
  expect(shown.stdout.split("\n").map((line) => line.trim())).toEqual([
    expect.stringMatching(/^layer +on for +since \(UTC\) +by +reason$/),
    expect.stringMatching(/^cache +nobody +configuration$/),
    expect.stringMatching(/^batching +everybody +configuration$/),
    expect.stringMatching(/^pool +not built in +configuration$/),
    "The lmdb store has no connections.",
    expect.stringMatching(/^prediction +nobody +configuration$/),
    expect.stringMatching(/^memoryGovernor +everybody +configuration$/),
    expect.stringMatching(/^overloadLimit +everybody +configuration$/),
    expect.stringMatching(/^checkpoint +nobody +configuration$/),
    "",
  ]);
  const set = await before.flags(
    "set",
    "cache",
    "--percent",
    "10",
    "--players",
    "ada,bob",
    "--reason",
    "first try",
  );
  expect(set.stdout).toMatch(
    /^cache +10 % and ada, bob +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +admin:mainspring-cli +first try$/m,
  );
  expect(set.stdout).toMatch(/^ {2}on {2}0 requests in 30 s, 0 errors, 0 wrong$/m);
  await before.flags("set", "checkpoint", "--percent", "100", "--no-guarded");
  await before.stop();

  const after = await serve(here);
  await after.printed(/^Switched at run time, and kept: cache, checkpoint\. mainspring flags tells more\.$/m);
  const { layers } = await after.view();
  expect(layers.cache).toMatchObject({ percent: 10, players: ["ada", "bob"], reason: "first try" });
  expect(layers.checkpoint).toMatchObject({ percent: 100, isGuarded: false });
  const reset = await after.flags("reset", "cache");
  expect(reset.stdout).toMatch(/^cache +nobody +configuration$/m);
  await after.stop();
});

it("says what is wrong, and changes nothing", async () => {
  const here = place();
  configure(here, {});
  const server = await serve(here);
  const wrong: readonly [readonly string[], RegExp][] = [
    [["set", "cash", "--percent", "1"], /INVALID_REQUEST/],
    [["set", "cache"], /Say for whom: --percent 10, --players ada,bob, or both\./],
    [["set", "cache", "--percent", "101"], /It must be a number from 0 to 100/],
    [
      ["set", "pool", "--percent", "1"],
      /LAYER_NOT_BUILT_IN: pool can't be switched on here\. The lmdb store has no connections\./,
    ],
    [["set", "memoryGovernor", "--percent", "50"], /There is one memoryGovernor for the whole process/],
    [["set", "cache", "--players", "a b"], /INVALID_REQUEST/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await server.flags(...args);
    expect([args, code, stderr]).toEqual([args, 1, expect.stringMatching(message)]);
  }
  expect((await server.view()).version).toBe(0);
  await server.stop();
});

it("follows its configuration file when it is told to read it again, and says what needs a restart", async () => {
  const here = place();
  configure(here, { layers: { cache: { percent: 10 } } });
  const server = await serve(here);
  expect((await server.view()).layers.cache).toMatchObject({ percent: 10, changedBy: null });
  await server.flags("set", "cache", "--percent", "50");

  configure(here, {
    layers: { cache: { percent: 20, players: ["ada"] } },
    server: { logLevel: "info" },
    batch: { maxBatchSize: 7 },
  });
  server.child.kill("SIGHUP");
  await server.logged(/The configuration was read again\./);
  expect((await server.view()).layers.cache).toMatchObject({
    percent: 20,
    players: ["ada"],
    changedBy: "configuration",
  });
  await server.logged(
    /"keys":"batch\.maxBatchSize".*These keys were changed, and hold from the next start on\./,
  );

  configure(here, { layers: { cash: true } });
  server.child.kill("SIGHUP");
  await server.logged(/layers\.cash.*the one before holds/);
  expect((await server.view()).layers.cache).toMatchObject({ percent: 20 });
  await server.stop();
});

it("reaches another server of the same tables, and keeps it when one is killed", async () => {
  const dynalite = await startDynalite();
  onTestFinished(() => dynalite.kill());
  const secret = "a secret for tests, of more than thirty-two bytes";
  const env = { ...dynalite.env, MAINSPRING_JWT_SECRET: secret, MAINSPRING_TABLE_PREFIX: "flags-" };
  expect((await run(["dynamodb", "create-tables"], { env })).code).toBe(0);
  const args = ["--store", "dynamodb", "--catalog", FOUNDRY];
  const [one, two] = [await serveWith({ env, args }), await serveWith({ env, args })];
  const flags = async (url: string, ...said: readonly string[]) =>
    run(["flags", ...said, "--url", url], { env });
  const batchingOf = async (url: string): Promise<FlagsView["layers"]["batching"]> =>
    (JSON.parse((await flags(url, "show", "--json")).stdout) as FlagsView).layers.batching;

  expect((await flags(one.url, "set", "batching", "--percent", "30")).code).toBe(0);
  // It looks each two seconds; a busy machine takes longer.
  await expect.poll(async () => (await batchingOf(two.url)).percent, { timeout: 30_000 }).toBe(30);
  two.child.kill("SIGKILL");
  await two.ended;
  const again = await serveWith({ env, args });
  expect(await batchingOf(again.url)).toMatchObject({ percent: 30, changedBy: "admin:mainspring-cli" });
  const refused = await flags(again.url, "set", "cache", "--percent", "10");
  expect(refused.stderr).toMatch(
    /LAYER_NOT_BUILT_IN: cache can't be switched on here\. On DynamoDB it needs Redis\./,
  );
});
