/** A server with a million players whose queues run: how fast it is ready, and what it takes while nobody asks. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createEngine, type JournalEntry, type RecordWrite, type StoredRecord } from "@mainspring/engine";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { cpuMsOf } from "../cpu-time.js";
import { LASTING_CYCLE_MS, workshopCatalog } from "../fixtures/workshop.js";
import { formatNumber } from "../format.js";
import type { Finding, Row, RowContext } from "../row.js";

const BUDGET_READY_MS = 1000;
const BUDGET_RESIDENT_MIB = 300;

/** What counts as none: a clock that is read, a heap that is looked at. 1 ms in each second. */
const NO_CPU_SHARE = 0.001;

const BYTES_PER_KIB = 1024;
const BYTES_PER_MIB = 1024 ** 2;
const MS_PER_SECOND = 1000;

/** A commit's worth. */
const WRITES_PER_COMMIT = 4096;

const TASKS_PER_PLAYER = 5;

const SERVER = fileURLToPath(new URL("../../../packages/server/bin/mainspring.js", import.meta.url));

interface Size {
  readonly playerCount: number;
  /** How long the server is left alone. */
  readonly restMs: number;
}

const FULL: Size = { playerCount: 1_000_000, restMs: 20_000 };
const QUICK: Size = { playerCount: 10_000, restMs: 1000 };

export const millionPlayers: Row = async (context) => {
  const size = context.isQuick ? QUICK : FULL;
  const folder = join(context.folder, "server");
  const startedAtMs = performance.now();
  await prepare(folder, size.playerCount);
  const prepareSeconds = (performance.now() - startedAtMs) / MS_PER_SECOND;
  const { readyMs, child, pid } = await startServer(context, folder);
  await delay(MS_PER_SECOND);
  const beforeMs = cpuMsOf(pid);
  await delay(size.restMs);
  const restCpuMs = cpuMsOf(pid) - beforeMs;
  const residentMib = residentBytes(pid) / BYTES_PER_MIB;
  child.kill("SIGTERM");
  await once(child, "exit");
  const storeMib = statSync(join(folder, "store", "data.mdb")).size / BYTES_PER_MIB;
  return [findingOf(size, { readyMs, residentMib, restCpuMs, prepareSeconds, storeMib })];
};

/** A player as the engine makes one, and a million copies straight into the store. */
async function prepare(folder: string, playerCount: number): Promise<void> {
  const store = await openLmdbStore({ folder });
  const engine = await createEngine({ store, catalog: workshopCatalog({ cycleMs: LASTING_CYCLE_MS }) });
  try {
    const tasks = Array.from({ length: TASKS_PER_PLAYER }, () => ({ activity: "mine-copper" }));
    await engine.apply("model", { type: "enqueue", tasks }, { asPlayer: true, key: "first" });
    const [model] = await store.read(["model"]);
    if (model === null || model === undefined) throw new Error("The model was not stored.");
    const { incarnation } = model;
    const events = await store.readEvents({ playerId: "model", incarnation, afterNumber: 0, limit: 100 });
    let last: Promise<unknown> = Promise.resolve();
    for (let first = 0; first < playerCount; first += WRITES_PER_COMMIT) {
      const count = Math.min(WRITES_PER_COMMIT, playerCount - first);
      const writes = Array.from({ length: count }, (_, index) => copyOf(model, events, first + index));
      await last;
      last = store.commit(writes);
    }
    await last;
  } finally {
    await engine.close();
  }
}

function copyOf(model: StoredRecord, events: readonly JournalEntry[], player: number): RecordWrite {
  const playerId = `player-${player.toString().padStart(7, "0")}`;
  return { expected: null, next: { ...model, playerId, version: 1 }, events };
}

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** From starting the process to its first answer that it is ready. */
  readonly readyMs: number;
}

async function startServer({ defer }: RowContext, folder: string): Promise<Started> {
  const startedAtMs = performance.now();
  const args = [SERVER, "serve", "--dev", "--port", "0", "--data", folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const { pid } = child;
  if (pid === undefined) throw new Error("The server did not start.");
  defer(() => {
    child.kill("SIGKILL");
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, found] = /ready at (http:\S+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error("The server ended before it was ready.")));
  });
  const response = await fetch(`${url}/readyz`);
  if (!response.ok) throw new Error(`The server is not ready: ${response.status}.`);
  return { child, pid, readyMs: performance.now() - startedAtMs };
}

/** What the process has in memory, the mapped pages of its store included. */
function residentBytes(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * BYTES_PER_KIB;
}

interface Measured {
  readonly readyMs: number;
  readonly residentMib: number;
  readonly restCpuMs: number;
  readonly prepareSeconds: number;
  readonly storeMib: number;
}

function findingOf({ playerCount, restMs }: Size, measured: Measured): Finding {
  const { readyMs, residentMib, restCpuMs, prepareSeconds, storeMib } = measured;
  const restSeconds = restMs / MS_PER_SECOND;
  return {
    what: `${formatNumber(playerCount)} queued players on the embedded store`,
    measured: `ready in ${formatNumber(Math.round(readyMs))} ms, ${formatNumber(residentMib)} MiB resident, ${formatNumber(restCpuMs)} ms of CPU in ${restSeconds} s at rest`,
    budget: `ready in < ${formatNumber(BUDGET_READY_MS)} ms, < ${BUDGET_RESIDENT_MIB} MiB, no CPU at rest`,
    isMet:
      readyMs < BUDGET_READY_MS && residentMib < BUDGET_RESIDENT_MIB && restCpuMs <= restMs * NO_CPU_SHARE,
    how: `\`mainspring serve\` from the start of its process to its first ready answer; each player has ${TASKS_PER_PLAYER} tasks, of which one runs; up to ${NO_CPU_SHARE * MS_PER_SECOND} ms of CPU a second counts as none; preparing took ${formatNumber(prepareSeconds)} s, the store has ${formatNumber(Math.round(storeMib))} MiB`,
    figures: { ...measured },
  };
}
