/** `mainspring heap`: a leak that was planted in a real server is found from outside, and nothing of what memory holds is shown. */
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadClassSizes } from "../../src/heap-compare/class-sizes.js";
import { type Comparison, compareSnapshots } from "../../src/heap-compare/compare-snapshots.js";
import { readGraph } from "../../src/heap-compare/read-graph.js";
import { constructorNames } from "../../src/heap-compare/shown-names.js";
import { MAX_SNAPSHOT_BYTES } from "../../src/heap-compare/snapshot-file.js";
import { signToken } from "../../src/index.js";
import { run, serve, start, temporaryFolder } from "../support/run-command.js";
import { type ServerProcess, startChild } from "../support/server-process.js";
import { testCatalog } from "../support/test-catalog.js";

const SECRET = "a secret for tests, of more than thirty-two bytes";
const env = { MAINSPRING_JWT_SECRET: SECRET };

const support = (file: string): string => fileURLToPath(new URL(`../support/${file}`, import.meta.url));

/** Requests between the two snapshots, each of which leaks. */
const LEAKS = 300;

/** Each place that a secret was planted in. */
const PLANTED = [
  "planted-text-",
  "planted-key-",
  "plantedProperty",
  "plantedPattern",
  "plantedSymbol",
  "planted element",
];

const home = mkdtempSync(join(tmpdir(), "mainspring-heap-test-"));
const heapFolder = join(home, "heap");
let server: ServerProcess;
let before: string;
let after: string;

async function tokenOf(playerId: string, isAdmin = false): Promise<string> {
  return signToken({ playerId, isAdmin, secret: SECRET, nowMs: Date.now(), expiresInMs: 3_600_000 });
}

async function ask(
  path: string,
  init: { method?: string; token?: string; body?: string; signal?: AbortSignal } = {},
) {
  const { token, body, ...rest } = init;
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const response = await fetch(`${server.url}${path}`, {
    ...rest,
    headers,
    ...(body !== undefined && { body }),
  });
  return {
    status: response.status,
    body: (await response.json()) as { code?: string; detail?: string; path?: string },
  };
}

async function leak(count: number): Promise<void> {
  const token = await tokenOf("ada");
  for (let index = 0; index < count; index += 1) await ask("/v1/players/ada/queue", { token });
}

/** Asks until the server's readiness is this. Each question is a turn of its own, and the test's end is the bound. */
async function readiness(status: number): Promise<{ code?: string; detail?: string }> {
  for (;;) {
    const answer = await ask("/readyz");
    if (answer.status === status) return answer.body;
  }
}

const askForSnapshot = async (body: object, token?: string, signal?: AbortSignal) =>
  ask("/v1/admin/heap/snapshots", {
    method: "POST",
    token: token ?? (await tokenOf("ops", true)),
    body: JSON.stringify(body),
    ...(signal !== undefined && { signal }),
  });

beforeAll(async () => {
  server = await startChild([support("leaky-server.mjs")], {
    ...env,
    HEAP_FOLDER: heapFolder,
    CATALOG: JSON.stringify(testCatalog()),
  });
  await leak(20);
  const paths: string[] = [];
  for (const name of ["before", "after"]) {
    if (name === "after") await leak(LEAKS);
    paths.push((await askForSnapshot({ name, drainMs: 0 })).body.path ?? "");
  }
  [before = "", after = ""] = paths;
});

afterAll(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

describe("heap compare", () => {
  it("names what leaks, how many there are, and the map that holds them", async () => {
    const { code, stdout, stderr } = await run(["heap", "compare", before, after, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const { sameProcess, byCount, byRetainedSize } = JSON.parse(stdout) as Comparison;
    expect(sameProcess).toBe("yes");
    const leaked = byCount.find(({ constructorName }) => constructorName === "LeakedSession");
    expect(leaked).toMatchObject({
      before: { count: 20 },
      after: { count: 20 + LEAKS },
      newCount: LEAKS,
      heldBy: { lookedAt: LEAKS, alike: LEAKS },
    });
    expect(byRetainedSize.map(({ constructorName }) => constructorName)).toContain("LeakedSession");
    expect(byCount.filter(({ constructorName }) => constructorName.startsWith("("))).toEqual([]);
    const steps = leaked?.heldBy?.steps ?? [];
    expect(steps.slice(-3).map(({ what }) => what)).toEqual(["Map", "(array)", "LeakedSession"]);
    expect(steps.at(-3)?.by).toBe("variable sessions");
    expect(steps[0]?.what).toMatch(/^\(.+\)$/);

    const text = await run(["heap", "compare", before, after]);
    expect(text.stdout).toContain("Both are of one process");
    expect(text.stdout).toMatch(/^ {2}LeakedSession .*\+300 +300$/m);
    expect(text.stdout).toMatch(
      /^ {2}LeakedSession \(300 of 300 looked at\)\n(?: {4}.+\n)+ {4}variable sessions Map\n/m,
    );
  });

  it("never shows what texts, keys, patterns and symbols say, nor properties that are data", async () => {
    const snapshot = readFileSync(after, "utf8");
    for (const planted of PLANTED) expect([planted, snapshot.includes(planted)]).toEqual([planted, true]);
    for (const form of [[], ["--json"]]) {
      const { code, stdout, stderr } = await run([
        "heap",
        "compare",
        before,
        after,
        "--top",
        "9999",
        ...form,
      ]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).not.toMatch(/planted/i);
      expect(stdout).not.toContain(SECRET);
      // And yet the way leads through them, and the names of the program are there.
      expect(stdout).toMatch(/variable byToken.+?\.….+?\.pattern/s);
      expect(stdout).toContain("Float32Array");
    }
  });

  it("says when the two are of different processes, can't be told apart, or are the wrong way round", async () => {
    const folder = temporaryFolder();
    const copyAs = (path: string, name: string): string => {
      copyFileSync(path, join(folder, name));
      return join(folder, name);
    };
    const other = await run(["heap", "compare", before, copyAs(after, "after.p1-abc.heapsnapshot")]);
    expect([other.code, other.stdout]).toEqual([0, expect.stringContaining("They are of two processes")]);
    expect(other.stdout).toMatch(/^ {2}LeakedSession .*\+300 +\?$/m);
    const unnamed = await run(["heap", "compare", before, copyAs(after, "heap.heapsnapshot")]);
    expect(unnamed.stdout).toContain("Their names don't say");
    expect(unnamed.stdout).toMatch(/^ {2}LeakedSession .*\+300 +300$/m);
    const swapped = await run(["heap", "compare", after, before]);
    expect([swapped.code, swapped.stderr]).toEqual([
      1,
      expect.stringContaining("The earlier one comes first."),
    ]);
  });

  it("refuses what is no snapshot, is cut off, too large or not there", async () => {
    const folder = temporaryFolder();
    const bytes = readFileSync(after);
    const cuts = ['"nodes":[', '"edges":[', '"strings":['].map((section) => bytes.indexOf(section) + 1_000);
    const files: [string, Uint8Array | string, RegExp][] = [
      ["text", "hello", /is not a heap snapshot/],
      ["json", '{"snapshot":{},\n"nodes":[]}', /is not a heap snapshot/],
      ["empty", "", /is not a heap snapshot/],
      ...[...cuts, bytes.length - 100].map((cut, index): [string, Uint8Array, RegExp] => [
        `cut${index}`,
        bytes.subarray(0, cut),
        /is cut off/,
      ]),
    ];
    for (const [name, content, complaint] of files) {
      const path = join(folder, name);
      writeFileSync(path, content);
      for (const [earlier, later] of [
        [path, after],
        [before, path],
      ] as const) {
        const compare = () =>
          compareSnapshots({ before: earlier, after: later, top: 1, readClassSizes: () => new Map() });
        expect(compare, name).toThrow(complaint);
      }
    }
    const large = join(folder, "large");
    writeFileSync(large, "");
    truncateSync(large, MAX_SNAPSHOT_BYTES + 1);
    for (const [path, complaint] of [
      [large, "can't be compared here"],
      [folder, "is not a file"],
      [join(folder, "missing"), "can't be read"],
      [join(folder, "cut0"), "is cut off"],
    ] as const) {
      const { code, stdout, stderr } = await run(["heap", "compare", path, after]);
      expect([path, code, stdout, stderr]).toEqual([path, 1, "", expect.stringContaining(complaint)]);
      expect(stderr.trim().split("\n").length).toBe(1);
    }
  });

  it("says how to get the library where it is missing", async () => {
    const { code, stdout, stderr } = await run(["heap", "compare", before, after], {
      env: { NODE_OPTIONS: `--import=${support("without-heap-parser.mjs")}` },
    });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("npm install --save-dev @vscode/v8-heap-parser");
  });

  it("counts as the library does", async () => {
    const bytes = readFileSync(after);
    const graph = readGraph(bytes, after);
    const { keyOf, nameOfKey } = constructorNames(graph);
    const counts = new Map<number, number>();
    for (let node = 0; node < graph.nodeCount; node += 1) {
      counts.set(keyOf(node), (counts.get(keyOf(node)) ?? 0) + 1);
    }
    const own = new Map<string, number>();
    for (const [key, count] of counts) own.set(nameOfKey(key), (own.get(nameOfKey(key)) ?? 0) + count);
    const sizes = (await loadClassSizes())(bytes, after);
    expect(Object.fromEntries([...sizes].map(([name, { count }]) => [name, count]))).toEqual(
      Object.fromEntries(own),
    );
    expect(own.size).toBeGreaterThan(100);
  });
});

describe("heap snapshot", () => {
  it("takes the server out of readiness first, serves on, and tells where the file is", async () => {
    const asked = start(["heap", "snapshot", "--url", server.url, "--drain", "2s", "--name", "drained"], {
      env,
    });
    const problem = await readiness(503);
    expect([problem.code, problem.detail]).toEqual(["NOT_READY", expect.stringContaining("heap snapshot")]);
    expect((await ask("/v1/players/ada/queue", { token: await tokenOf("ada") })).status).toBe(200);
    const second = await askForSnapshot({ drainMs: 0 });
    expect([second.status, second.body.code]).toEqual([409, "HEAP_SNAPSHOT_REFUSED"]);
    const { code, stdout, stderr } = await asked.ended;
    expect([code, stderr]).toEqual([0, ""]);
    const [path = ""] = /^\/.+\.heapsnapshot$/m.exec(stdout) ?? [];
    expect([path.startsWith(join(heapFolder, "drained.")), statSync(path).mode & 0o777]).toEqual([
      true,
      0o600,
    ]);
    expect(stdout).toMatch(/players' seeds, keys, tokens/);
    expect((await ask("/readyz")).status).toBe(200);
  });

  it("is for administrators, and takes no name that could mean another folder", async () => {
    const files = readdirSync(heapFolder);
    const player = await askForSnapshot({ drainMs: 0 }, await tokenOf("ada"));
    expect([player.status, player.body.code]).toEqual([403, "FORBIDDEN"]);
    expect((await ask("/v1/admin/heap/snapshots", { method: "POST" })).status).toBe(401);
    for (const body of [
      { name: "../up" },
      { name: "a/b" },
      { name: "" },
      { drainMs: -1 },
      { drainMs: 60_001 },
      { folder: "/" },
    ]) {
      expect([body, (await askForSnapshot(body)).status]).toEqual([body, 400]);
    }
    const refused = await run(["heap", "snapshot", "--url", server.url, "--name", "../up"], { env });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("INVALID_REQUEST")]);
    expect((await run(["heap", "snapshot", "--drain", "soon"])).stderr).toContain("It must be a time");
    expect(readdirSync(heapFolder)).toEqual(files);
  });

  it("is called off when the client goes away during the drain", async () => {
    const files = readdirSync(heapFolder);
    const client = new AbortController();
    const gone = expect(askForSnapshot({ drainMs: 60_000 }, undefined, client.signal)).rejects.toThrow();
    await readiness(503);
    client.abort();
    await gone;
    await readiness(200);
    expect(readdirSync(heapFolder)).toEqual(files);
  });

  it("lies in the data folder of a server that has one, or where serve was told", async () => {
    const { url, data, child, ended } = await serve();
    const at = ["--url", url, "--data", data, "--drain", "0s"];
    const inData = await run(["heap", "snapshot", ...at]);
    expect([inData.code, inData.stderr]).toEqual([0, ""]);
    expect(readdirSync(join(data, "heap"))).toHaveLength(1);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
    const named = join(temporaryFolder(), "elsewhere");
    const other = await serve({
      args: [
        "--dev",
        "--catalog",
        fileURLToPath(new URL("../../catalogs/clockwork-foundry.json", import.meta.url)),
        "--heap-folder",
        named,
      ],
      data,
    });
    expect(
      (await run(["heap", "snapshot", "--url", other.url, "--data", data, "--drain", "0s"])).stdout,
    ).toContain(named);
  });
});
