/**
 * Draws a connection pool under a wave of load: `npm run pool-wave -w @mainspring/bench -- <file.svg>`. What it draws it has
 * measured: callers come and go, each asking again as soon as it is answered, and the pool grows and shrinks after them.
 */
import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionPool, createConnectionPool } from "@mainspring/engine/pool";
import { HttpRequest } from "@smithy/core/protocols";
import { drawPoolWave, type WaveSample } from "./draw-pool-wave.js";
import { createReleases, onInterrupt } from "./releases.js";
import type { StubAnswer, StubQuestion } from "./sides/dynamodb-stub.js";
import { startSide } from "./sides/side.js";

const MS_PER_SECOND = 1000;

/** The whole picture. */
const DURATION_MS = 14_000;
const SAMPLE_MS = 50;

/** The wave: rises from the least to the most callers and falls again. */
const WAVE = { fromMs: 1_000, untilMs: 8_000, leastCallers: 2, mostCallers: 32 };

const ANSWER_AFTER_MS = 8;

/** A minute's period would make a long picture: here it ends with every look after the connections, each second. */
const POOL = { minConnections: 2, maxConnections: 20, usagePeriodMs: 500 };

function callersAt(atMs: number): number {
  const { fromMs, untilMs, leastCallers, mostCallers } = WAVE;
  if (atMs > DURATION_MS) return 0;
  if (atMs < fromMs || atMs > untilMs) return leastCallers;
  const height = Math.sin((Math.PI * (atMs - fromMs)) / (untilMs - fromMs)) ** 2;
  return Math.round(leastCallers + (mostCallers - leastCallers) * height);
}

async function ride(pool: ConnectionPool, endpoint: URL): Promise<readonly WaveSample[]> {
  const samples: WaveSample[] = [];
  const startedAtMs = performance.now();
  const atMs = (): number => performance.now() - startedAtMs;
  let callers = 0;
  const call = async (): Promise<void> => {
    callers += 1;
    while (callers <= callersAt(atMs())) await pool.handle(requestTo(endpoint));
    callers -= 1;
  };
  const calls: Promise<void>[] = [];
  while (atMs() < DURATION_MS) {
    while (callers < callersAt(atMs())) calls.push(call());
    const { connections, waiting } = pool.stats();
    samples.push({ atMs: atMs(), open: connections.open, busy: connections.busy, waiting });
    await delay(SAMPLE_MS);
  }
  await Promise.all(calls);
  return samples;
}

function requestTo({ protocol, hostname, port }: URL): HttpRequest {
  return new HttpRequest({ protocol, hostname, port: Number(port), method: "POST", path: "/", body: "{}" });
}

async function main(): Promise<void> {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error("Say where to: pool-wave <file.svg>");
  const { defer, releaseAll } = createReleases();
  onInterrupt(releaseAll);
  try {
    const stub = startSide<StubQuestion, StubAnswer>({ defer }, "dynamodb-stub");
    const question = { isTls: true, idleLimitMs: 0, answerAfterMs: ANSWER_AFTER_MS };
    const { endpoint, ca } = await stub.ask(question);
    const pool = createConnectionPool({ ...POOL, ...(ca === null ? {} : { ca }) });
    await pool.warm({ endpoint: new URL(endpoint) });
    defer(() => pool.close());
    const samples = await ride(pool, new URL(endpoint));
    const { requests, answers, opened, closed, mostWaiting } = pool.stats();
    writeFileSync(file, drawPoolWave(samples, { ...POOL, durationMs: DURATION_MS }));
    console.log(
      `${file}: ${answers} of ${requests} requests answered in ${DURATION_MS / MS_PER_SECOND} s, ${opened} connections opened, ${closed.shrunk} let go again, at most ${mostWaiting} waited`,
    );
  } finally {
    await releaseAll();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
