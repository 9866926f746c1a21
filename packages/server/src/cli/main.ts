/** The command line: what there is to say, and what each command does with it. */
import { readFileSync } from "node:fs";
import { isMainspringError } from "@mainspring/core";
import { LAYERS } from "@mainspring/engine/flags";
import { Command, Option } from "commander";
import { signToken } from "../auth/sign-token.js";
import { call, type CallSettings } from "./call.js";
import { configJsonSchema } from "../config/config-json-schema.js";
import { configReference } from "../config/config-reference.js";
import { checkCatalogFile } from "./check-catalog-file.js";
import { copy, parsePlace } from "./copy.js";
import { createTables, type CreateTablesSettings, parseProvision } from "./create-tables.js";
import { doctor } from "./doctor.js";
import {
  type FlagsSettings,
  resetFlag,
  type ResetFlagSettings,
  setFlag,
  type SetFlagSettings,
  showFlags,
} from "./flags.js";
import type { DoctorSettings } from "./finding.js";
import type { HeapCompareSettings } from "./heap-compare.js";
import { heapSnapshot, type HeapSnapshotSettings } from "./heap-snapshot.js";
import type { StorePlace } from "./open-store.js";
import { tokenClaims } from "./server-authenticate.js";
import {
  dataOption,
  parseCount,
  parseDrain,
  parseDuration,
  parseIds,
  parsePercent,
  serveOptions,
  type ServeSettings,
  serveSources,
  storeOption,
  tablePrefixOption,
  urlOption,
} from "./settings.js";
import { showConfig } from "./show-config.js";
import { showPlayer } from "./show-player.js";
import { signingSecret } from "./token-secret.js";

/** Rows of a comparison. */
const DEFAULT_TOP = 15;

// What version of Node.js later releases of the AWS SDK will ask for is the concern of whoever raises it here.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

// An empty variable counts as none, for every command; commander would take it for a value.
for (const [name, text] of Object.entries(process.env)) {
  if (name.startsWith("MAINSPRING_") && text === "") delete process.env[name];
}

const print = (line: string): void => console.log(line);
const world = { env: process.env, print };

const program = new Command("mainspring")
  .description("A task queue for idle games.")
  .version(versionOfPackage(), "-V, --version", "print the version")
  .showHelpAfterError("(--help tells more)");

withOptions(program.command("serve"), serveOptions())
  .description("start a server")
  .action(async (settings: ServeSettings) => {
    // The other commands need no server, and start faster without.
    const { serve } = await import("./serve.js");
    await serve(serveSources(settings, process.env), print);
  });

const config = withOptions(program.command("config"), serveOptions())
  .description("print the configuration that serve would have, and where each value comes from")
  .usage("[options]")
  .option("--changed", "only what isn't as the preset has it")
  .option("--json", "print JSON")
  .action(({ changed = false, json = false, ...settings }: ServeSettings & ConfigSettings) =>
    showConfig(serveSources(settings, process.env), { isChangedOnly: changed, isJson: json }, print),
  );

config
  .command("schema")
  .description("print the JSON Schema of the file, for editors to check it by")
  .action(() => print(JSON.stringify(configJsonSchema(), null, 2)));

config
  .command("reference")
  .description("print the reference of all keys, in Markdown")
  .action(() => {
    process.stdout.write(configReference());
  });

program
  .command("catalog")
  .description("work on catalogs")
  .command("check")
  .description("check a catalog: every mistake at once")
  .argument("<file>", "the catalog's JSON")
  .action((file: string) => {
    if (!checkCatalogFile(file, print)) process.exitCode = 1;
  });

interface ConfigSettings {
  readonly changed?: boolean;
  readonly json?: boolean;
}

interface TokenSettings {
  readonly player: string;
  readonly admin?: boolean;
  readonly data: string;
  readonly expires: number;
}

program
  .command("token")
  .description("print a token, signed with MAINSPRING_JWT_SECRET or the development key of the data folder")
  .requiredOption("--player <id>", "whose token it is")
  .option("--admin", "it may act for anyone")
  .addOption(dataOption())
  .option("--expires <time>", "how long it holds: 90s, 15m, 24h, 7d", parseDuration, parseDuration("24h"))
  .action(async ({ player, admin = false, data, expires }: TokenSettings) => {
    const secret = signingSecret(process.env, data);
    const who = { playerId: player, isAdmin: admin, ...tokenClaims(process.env) };
    print(await signToken({ ...who, secret, nowMs: Date.now(), expiresInMs: expires }));
  });

program
  .command("call")
  .description("send one request to a running server and print the answer")
  .argument("<method>", "GET, POST, PUT or DELETE")
  .argument("<path>", "for example /v1/players/ada/queue")
  .argument("[body]", "JSON")
  .option("--as <player>", "send the token of this player")
  .option("--admin", "send an administrator's token")
  .option("--key <text>", "the Idempotency-Key")
  .addOption(urlOption())
  .addOption(dataOption())
  .action((method: string, path: string, body: string | undefined, settings: CallSettings) =>
    call({ method, path, body }, settings, world),
  );

program
  .command("player")
  .description("show a player and the queue")
  .argument("<id>", "the player's id")
  .addOption(urlOption())
  .addOption(dataOption())
  .action((id: string, settings: { url: string; data: string }) => showPlayer(id, settings, world));

program
  .command("dynamodb")
  .description("work on the tables of the DynamoDB store")
  .command("create-tables")
  .description("make the tables that are missing; AWS's own environment says where")
  .addOption(tablePrefixOption())
  .option("--provision <read:write>", "capacity units of each table; left out: on demand", parseProvision)
  .action((settings: CreateTablesSettings) => createTables(settings, print));

program
  .command("copy")
  .description("copy a store into another, go on where a copy stopped, and compare the two")
  .argument("<from>", "lmdb:FOLDER or dynamodb:PREFIX; no server may run on it", parsePlace)
  .argument("<to>", "lmdb:FOLDER or dynamodb:PREFIX", parsePlace)
  .action(async (from: StorePlace, to: StorePlace) => {
    if (!(await copy(from, to, { print, tell: (line) => console.error(line) }))) process.exitCode = 1;
  });

const flags = program
  .command("flags")
  .description("the switches of the layers: which are on for whom, in all instances");

flags
  .command("show", { isDefault: true })
  .description("show them; the same as no command")
  .option("--json", "print JSON")
  .addOption(urlOption())
  .addOption(dataOption())
  .action((settings: FlagsSettings) => showFlags(settings, world));

flags
  .command("set")
  .description("switch a layer on for a share of the players, for some of them, or off")
  .argument("<layer>", LAYERS.join(", "))
  .addOption(
    new Option("--percent <share>", "0 to 100; a larger share contains the smaller").argParser(parsePercent),
  )
  .addOption(new Option("--players <ids>", "on for these as well, with commas between").argParser(parseIds))
  .addOption(new Option("--except <ids>", "never on for these").argParser(parseIds))
  .option("--no-guarded", "leave it so though those whom it reaches fare worse")
  .option("--reason <text>", "why, for the history")
  .option("--json", "print JSON")
  .addOption(urlOption())
  .addOption(dataOption())
  .action((layer: string, settings: SetFlagSettings) => setFlag(layer, settings, world));

flags
  .command("reset")
  .description("back to what the configuration says")
  .argument("<layer>", LAYERS.join(", "))
  .option("--reason <text>", "why, for the history")
  .option("--json", "print JSON")
  .addOption(urlOption())
  .addOption(dataOption())
  .action((layer: string, settings: ResetFlagSettings) => resetFlag(layer, settings, world));

const heap = program
  .command("heap")
  .description("look into the memory of a running server, for a leak for example");

heap
  .command("snapshot")
  .description(
    "write a snapshot of the server's heap into a folder of the server; it holds secrets, and the server stands still meanwhile",
  )
  .option("--name <text>", "what the file's name begins with; default: the instant")
  .addOption(
    new Option(
      "--drain <time>",
      "how long the server is not ready before, for load balancers to see it: 0s to 60s; default: 10s",
    ).argParser(parseDrain),
  )
  .option("--risk-memory", "take it though free memory may not suffice, and the system may kill the server")
  .addOption(urlOption())
  .addOption(dataOption())
  .action((settings: HeapSnapshotSettings) => heapSnapshot(settings, world));

heap
  .command("compare")
  .description("what grew between two snapshots of one process, and what holds it")
  .argument("<before>", "the earlier snapshot")
  .argument("<after>", "the later one")
  .addOption(new Option("--top <number>", "so many constructors").argParser(parseCount).default(DEFAULT_TOP))
  .option("--json", "print JSON")
  .action(async (before: string, after: string, settings: HeapCompareSettings) => {
    const { heapCompare } = await import("./heap-compare.js");
    await heapCompare({ before, after }, settings, print);
  });

program
  .command("doctor")
  .description("look for what could be wrong here, and say what helps")
  .addOption(urlOption())
  .addOption(storeOption())
  .addOption(dataOption())
  .addOption(tablePrefixOption())
  .action(async (settings: DoctorSettings) => {
    if (!(await doctor(settings, world))) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  // What the world did wrong is told in its own words; where we are wrong the trace is needed.
  if (!isMainspringError(error)) throw error;
  console.error(`mainspring: ${error.message}`);
  process.exitCode = 1;
}

function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

function versionOfPackage(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
