/** Taking a heap snapshot: what is checked first, what others see meanwhile, and that the server is ready again whatever happens. */
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  DEFAULT_DRAIN_MS,
  FEW_REQUESTS,
  FEW_REQUESTS_WITHIN_MS,
  LOOK_MS,
  MAX_SNAPSHOTS_KEPT,
} from "../../src/heap/heap-limits.js";
import type { HeapPorts } from "../../src/heap/heap-ports.js";
import { createSnapshotTaker, type SnapshotRequest } from "../../src/heap/snapshot-taker.js";
import { watchRequests } from "../../src/heap/watch-requests.js";
import { createReadiness } from "../../src/http/readiness.js";
import { temporaryFolder } from "../support/run-command.js";

const GIBIBYTE = 1024 ** 3;
const HEAP_BYTES = 50 * 1024 ** 2;

/** How long V8 takes here. */
const WRITE_MS = 700;

/** A taker on a machine that the test is the master of. */
function scene({
  folder = join(temporaryFolder(), "heap"),
  ...given
}: Partial<HeapPorts> & { folder?: string } = {}) {
  const clock = createManualClock();
  const readiness = createReadiness();
  const world = { isClosing: false, isWanted: true, requests: 0, watches: 0, readyWhileWriting: "" };
  const log: string[] = [];
  const taker = createSnapshotTaker({
    folder,
    withdraw: (reason) => readiness.withdraw(reason),
    isClosing: () => world.isClosing,
    watchRequests: () => {
      world.watches += 1;
      return { underWay: () => world.requests, stop: () => void (world.watches -= 1) };
    },
    log: { warn: (_facts, message) => void log.push(message) },
    ports: {
      timers: clock,
      freeDiskBytes: async () => 10 * GIBIBYTE,
      freeMemoryBytes: () => 10 * GIBIBYTE,
      heapUsedBytes: () => HEAP_BYTES,
      write(path) {
        world.readyWhileWriting = readiness.reason() ?? "ready";
        writeFileSync(path, "a snapshot");
        clock.advance(WRITE_MS);
      },
      ...given,
    },
  });
  const take = (request: Partial<SnapshotRequest> = {}) =>
    taker.take({ drainMs: DEFAULT_DRAIN_MS, isWanted: () => world.isWanted, ...request });
  /** Lets so much time pass, in steps as short as those it looks in. */
  const pass = async (durationMs: number): Promise<void> => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += LOOK_MS) {
      // What waits for the disk goes on between two turns.
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(LOOK_MS);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  const files = (): string[] => readdirSync(folder);
  return { clock, readiness, world, log, take, pass, files, folder };
}

describe("a heap snapshot", () => {
  it("is taken after the drain, with the server out of readiness until it is there", async () => {
    const { readiness, world, log, take, pass, files, folder } = scene();
    const taken = take({ name: "before" });
    await pass(DEFAULT_DRAIN_MS - 1_000);
    expect([readiness.reason(), files().map((file) => file.endsWith(".partial"))]).toEqual([
      expect.stringContaining("heap snapshot"),
      [true],
    ]);
    await pass(2_000);
    const { path, bytes, tookMs, pausedMs, heapUsedBytes } = await taken;
    expect([bytes, pausedMs, heapUsedBytes]).toEqual([10, WRITE_MS, HEAP_BYTES]);
    expect(tookMs).toBeGreaterThanOrEqual(DEFAULT_DRAIN_MS + WRITE_MS);
    expect(world.readyWhileWriting).toContain("heap snapshot");
    expect([readiness.reason(), world.watches]).toEqual([null, 0]);
    expect(files().map((file) => join(folder, file))).toEqual([path]);
    expect(path).toMatch(/before\.p[0-9]+-[0-9a-z]+\.heapsnapshot$/);
    expect([statSync(path).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(log).toEqual([expect.stringContaining("not ready"), expect.stringContaining("is written")]);
  });

  it("waits for requests under way to become few, but not forever", async () => {
    const { world, take, pass, files } = scene();
    world.requests = FEW_REQUESTS + 1;
    const few = take({ name: "few", drainMs: 0 });
    await pass(FEW_REQUESTS_WITHIN_MS / 2);
    expect(files()[0]).toContain(".partial");
    world.requests = FEW_REQUESTS;
    await pass(2 * LOOK_MS);
    expect((await few).tookMs).toBeLessThan(FEW_REQUESTS_WITHIN_MS + WRITE_MS);
    world.requests = 1_000;
    const many = take({ name: "many", drainMs: 0 });
    await pass(FEW_REQUESTS_WITHIN_MS + LOOK_MS);
    expect((await many).path).toContain("many");
  });

  it("is refused while another is being taken", async () => {
    const { take, pass } = scene();
    const first = take({ name: "first" });
    await expect(take({ name: "second", drainMs: 0 })).rejects.toMatchObject({
      code: "HEAP_SNAPSHOT_REFUSED",
      details: { lacking: "turn" },
    });
    await pass(DEFAULT_DRAIN_MS + LOOK_MS);
    await first;
    expect((await take({ name: "third", drainMs: 0 })).path).toContain("third");
  });

  it("is called off when whoever asked goes away, or the server closes, before it begins", async () => {
    for (const [what, code] of [
      ["isWanted", "HEAP_SNAPSHOT_REFUSED"],
      ["isClosing", "SHUTTING_DOWN"],
    ] as const) {
      const { readiness, world, take, pass, files } = scene();
      const taken = take();
      const refused = expect(taken).rejects.toMatchObject({ code });
      await pass(LOOK_MS);
      expect(readiness.reason()).not.toBe(null);
      world[what] = !world[what];
      await pass(2 * LOOK_MS);
      await refused;
      expect([readiness.reason(), files(), world.watches]).toEqual([null, [], 0]);
    }
  });
});

describe("a heap snapshot is refused, with the server ready all the while,", () => {
  it("where the disk or the memory wouldn't bear it", async () => {
    for (const [lacking, ports] of [
      ["disk", { freeDiskBytes: async () => HEAP_BYTES }],
      ["memory", { freeMemoryBytes: () => HEAP_BYTES }],
    ] as const) {
      const { readiness, log, take, files } = scene(ports);
      await expect(take()).rejects.toMatchObject({
        code: "HEAP_SNAPSHOT_REFUSED",
        message: expect.stringMatching(/50 MiB.*(?:Make room|Take it where there is more)/),
        details: { lacking, availableBytes: HEAP_BYTES, neededBytes: expect.any(Number) },
      });
      expect([readiness.reason(), files(), log]).toEqual([null, [], []]);
    }
  });

  it("but for the memory, where that is risked", async () => {
    const { take, pass } = scene({ freeMemoryBytes: () => HEAP_BYTES });
    const taken = take({ drainMs: 0, isMemoryRisked: true });
    await pass(LOOK_MS);
    expect((await taken).heapUsedBytes).toBe(HEAP_BYTES);
    const { take: takeOnFullDisk } = scene({ freeDiskBytes: async () => HEAP_BYTES });
    await expect(takeOnFullDisk({ drainMs: 0, isMemoryRisked: true })).rejects.toMatchObject({
      details: { lacking: "disk" },
    });
  });

  it("where the heap has outgrown them during the drain", async () => {
    const heap = { usedBytes: HEAP_BYTES };
    const { readiness, take, pass, files } = scene({ heapUsedBytes: () => heap.usedBytes });
    const refused = expect(take()).rejects.toMatchObject({ details: { lacking: "disk" } });
    await pass(LOOK_MS);
    heap.usedBytes = 5 * GIBIBYTE;
    await pass(DEFAULT_DRAIN_MS);
    await refused;
    expect([readiness.reason(), files()]).toEqual([null, []]);
  });

  it("by a name that could mean another folder, or is taken", async () => {
    const { take, files } = scene();
    for (const name of ["../up", "a/b", "..", ".hidden", "a b", "", "a".repeat(65), "a\0b"]) {
      await expect(take({ name, drainMs: 0 })).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    }
    expect(files()).toEqual([]);
    await take({ name: "once", drainMs: 0 });
    await expect(take({ name: "once", drainMs: 0 })).rejects.toMatchObject({ details: { lacking: "name" } });
  });

  it("when the folder has as many as it may", async () => {
    const { folder, take } = scene();
    mkdirSync(folder, { mode: 0o700 });
    for (let index = 0; index < MAX_SNAPSHOTS_KEPT; index += 1) {
      writeFileSync(join(folder, `${index}.heapsnapshot${index === 0 ? ".partial" : ""}`), "");
    }
    await expect(take({ drainMs: 0 })).rejects.toMatchObject({
      message: expect.stringContaining("Move or delete"),
      details: { lacking: "room" },
    });
  });

  it("into a folder that others can look into, a link, or what is no folder", async () => {
    const home = temporaryFolder();
    const [open, link, file] = ["open", "link", "file"].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(open);
    chmodSync(open, 0o755);
    symlinkSync(temporaryFolder(), link);
    writeFileSync(file, "");
    for (const folder of [open, link, file]) {
      const { take } = scene({ folder });
      await expect(take({ drainMs: 0 })).rejects.toMatchObject({
        code: "HEAP_SNAPSHOT_REFUSED",
        details: { lacking: "folder" },
      });
    }
  });
});

it("a heap snapshot that breaks off half-way leaves no file, and a server that is ready", async () => {
  const { readiness, log, take, files } = scene({
    write(path) {
      writeFileSync(path, "half");
      throw new Error("ENOSPC: no space left on device");
    },
  });
  await expect(take({ drainMs: 0 })).rejects.toMatchObject({
    code: "HEAP_SNAPSHOT_FAILED",
    message: expect.stringMatching(/ENOSPC.*gone again.*--heap-folder/),
  });
  expect([readiness.reason(), files()]).toEqual([null, []]);
  expect(log.at(-1)).toContain("Ready again");
});

it("a heap snapshot whose remains can't be removed leaves a server that is ready all the same", async () => {
  const { readiness, take } = scene({
    write(path) {
      // What is a folder now isn't removed as a file.
      rmSync(path);
      mkdirSync(path);
      throw new Error("EIO");
    },
  });
  await expect(take({ drainMs: 0 })).rejects.toThrow();
  expect(readiness.reason()).toBe(null);
});

it("requests under way are those that began and have not ended, however they end", async () => {
  const answers: (() => void)[] = [];
  const server = createServer((_request, response) => void answers.push(() => response.end("done")));
  const other = createServer((_request, response) => response.end("done"));
  for (const each of [server, other]) await once(each.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const each of [server, other]) {
      each.close();
      each.closeAllConnections();
    }
  });
  const urlOf = (each: typeof server): string => `http://127.0.0.1:${(each.address() as AddressInfo).port}`;
  const watch = watchRequests(server);
  await (await fetch(urlOf(other))).text();
  expect(watch.underWay()).toBe(0);
  const arrived = once(server, "request");
  const answered = fetch(urlOf(server));
  await arrived;
  const broken = get(urlOf(server)).on("error", () => undefined);
  const [, response] = (await once(server, "request")) as [unknown, NodeJS.EventEmitter];
  expect(watch.underWay()).toBe(2);
  const closed = once(response, "close");
  broken.destroy();
  await closed;
  expect(watch.underWay()).toBe(1);
  answers[0]?.();
  await (await answered).text();
  expect(watch.underWay()).toBe(0);
  watch.stop();
  const unseen = once(server, "request");
  const last = fetch(urlOf(server));
  await unseen;
  expect(watch.underWay()).toBe(0);
  answers[2]?.();
  await last;
});

it("requests that wait behind another one of their connection are under way no more when it breaks", async () => {
  const server = createServer(() => undefined);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const watch = watchRequests(server);
  onTestFinished(() => watch.stop());
  const socket = connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  socket.write("GET / HTTP/1.1\r\nHost: game.test\r\n\r\n".repeat(3));
  await expect.poll(() => watch.underWay()).toBe(3);
  socket.destroy();
  await expect.poll(() => watch.underWay()).toBe(0);
});
