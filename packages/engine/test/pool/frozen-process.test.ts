/** A real process that is really stopped while the server closes its connections, and one that wants to end. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { FREEZE_JUMP_MS, TICK_MS } from "../../src/pool/pool-options.js";
import type { PoolStats } from "../../src/pool/pool-stats.js";
import { openStub, type Stub, until } from "./stub-server.js";

const PROGRAM = fileURLToPath(new URL("frozen-process.mjs", import.meta.url));

interface Report {
  readonly failed: number;
  readonly stats: PoolStats;
}

async function start(stub: Stub): Promise<ChildProcess> {
  const child = fork(PROGRAM, [stub.endpoint.href]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return child;
}

async function ask(child: ChildProcess): Promise<Report> {
  child.send("ask");
  const [report] = (await once(child, "message")) as [Report];
  return report;
}

describe("A process with a pool", () => {
  it("that was stopped while the server closed its connections, or forgot them, has no failed request", async () => {
    const stub = await openStub();
    const child = await start(stub);
    expect((await ask(child)).failed).toBe(0);
    child.kill("SIGSTOP");
    // The freeze is as real as the process: it lasts as long as its clock must jump to be seen.
    await delay(TICK_MS + FREEZE_JUMP_MS + 500);
    let silent = 0;
    for (const socket of stub.sockets) {
      silent += 1;
      if (silent % 2 === 0) socket.destroy();
    }
    child.kill("SIGCONT");
    const { failed, stats } = await ask(child);
    expect(failed).toBe(0);
    expect(stats.freezes).toBe(1);
    expect(stats.checks).toBeGreaterThan(0);
  });

  it("ends by itself though the pool's connections are open", async () => {
    const stub = await openStub();
    const child = await start(stub);
    await ask(child);
    await until(() => stub.sockets.size === 4);
    const exit = once(child, "exit");
    child.send("end");
    expect(await exit).toEqual([0, null]);
  });
});
