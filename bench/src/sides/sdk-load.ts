/** Asks for the same item again and again with the AWS SDK, over a request handler of the row's choice. */
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createConnectionPool } from "@mainspring/engine/pool";
import { HttpResponse } from "@smithy/core/protocols";
import { Pool } from "undici";
import { ownCpuMs } from "../cpu-time.js";
import { answerQuestions, type Answering } from "./side.js";

/**
 * What carries the requests: our `pool`; the SDK's `default` handler; `none`, an answer from memory without a network, which
 * is what the SDK itself costs; and `bare`, undici's own pool without the SDK, which is what a network costs at least.
 */
export type Carrier = "pool" | "default" | "none" | "bare";

export interface SdkLoadQuestion {
  readonly carrier: Carrier;
  readonly endpoint: string;
  readonly ca: string | null;
  /** So many connections are opened first. Only the pool can. */
  readonly warmConnections: number;
  readonly inFlight: number;
  /** Ends after so long, or after so many requests. */
  readonly durationMs: number;
  readonly maxRequests: number;
  /** Waits so long before each. */
  readonly pausesMs: readonly number[];
}

export interface SdkLoadAnswer {
  readonly requests: number;
  readonly failed: number;
  readonly durationMs: number;
  readonly requestsPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** As many as the SDK's default handler has. */
const MAX_CONNECTIONS = 50;

const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;

type Get = () => Promise<unknown>;

type HandlerLike = NonNullable<
  NonNullable<ConstructorParameters<typeof DynamoDBClient>[0]>["requestHandler"]
>;

const kept = new Map<string, Promise<Get>>();

async function getOver({ carrier, endpoint, ca, warmConnections }: SdkLoadQuestion): Promise<Get> {
  if (carrier === "bare") return bareGet(endpoint, ca);
  const client = new DynamoDBClient({
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    // A failure is to be seen, not mended.
    maxAttempts: 1,
    requestHandler: await handlerOf(carrier, { endpoint, ca, warmConnections }),
  });
  const input = { TableName: "players", Key: { pk: { S: "player-1" } } };
  return async () => client.send(new GetItemCommand(input));
}

async function handlerOf(
  carrier: Exclude<Carrier, "bare">,
  { endpoint, ca, warmConnections }: Pick<SdkLoadQuestion, "endpoint" | "ca" | "warmConnections">,
): Promise<HandlerLike> {
  if (carrier === "default") return ca === null ? {} : { httpsAgent: { ca, maxSockets: MAX_CONNECTIONS } };
  if (carrier === "none") return answerFromMemory(endpoint, ca);
  const pool = createConnectionPool({ maxConnections: MAX_CONNECTIONS, ...(ca === null ? {} : { ca }) });
  if (warmConnections > 0) await pool.warm({ endpoint: new URL(endpoint), connections: warmConnections });
  return pool;
}

async function answerFromMemory(endpoint: string, ca: string | null): Promise<HandlerLike> {
  const { headers, body } = await bareRequest(poolOf(endpoint, ca));
  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle: async () => ({ response: new HttpResponse({ statusCode: 200, headers, body: body.slice() }) }),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

function poolOf(endpoint: string, ca: string | null): Pool {
  return new Pool(endpoint, {
    connections: MAX_CONNECTIONS,
    ...(ca === null ? {} : { connect: { ca } }),
  });
}

function bareGet(endpoint: string, ca: string | null): Get {
  const pool = poolOf(endpoint, ca);
  return async () => bareRequest(pool);
}

async function bareRequest(pool: Pool): Promise<{ headers: Record<string, string>; body: Uint8Array }> {
  const answer = await pool.request({
    method: "POST",
    path: "/",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.GetItem",
    },
    body: '{"TableName":"players","Key":{"pk":{"S":"player-1"}}}',
  });
  return { headers: answer.headers as Record<string, string>, body: await answer.body.bytes() };
}

const answer: Answering<SdkLoadQuestion, SdkLoadAnswer> = async (question) => {
  const key = `${question.carrier} ${question.endpoint}`;
  const opened = kept.get(key) ?? getOver(question);
  kept.set(key, opened);
  const get = await opened;
  if (question.pausesMs.length === 0) return load(get, question);
  let failed = 0;
  let last: SdkLoadAnswer | undefined;
  for (const pauseMs of question.pausesMs) {
    await delay(pauseMs);
    last = await load(get, question);
    failed += last.failed;
  }
  if (last === undefined) throw new Error("There is no pause.");
  return { ...last, requests: last.requests * question.pausesMs.length, failed };
};

async function load(get: Get, question: SdkLoadQuestion): Promise<SdkLoadAnswer> {
  const { inFlight, durationMs, maxRequests } = question;
  const tookMs: number[] = [];
  let started = 0;
  let failed = 0;
  const beforeCpuMs = ownCpuMs();
  const startedAtMs = performance.now();
  const untilMs = startedAtMs + durationMs;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (started < maxRequests && performance.now() < untilMs) {
        started += 1;
        const askedAtMs = performance.now();
        try {
          await get();
        } catch (error) {
          failed += 1;
          if (question.pausesMs.length === 0) throw error;
        }
        tookMs.push(performance.now() - askedAtMs);
      }
    }),
  );
  const lastedMs = performance.now() - startedAtMs;
  const cpuMs = ownCpuMs() - beforeCpuMs;
  tookMs.sort((one, other) => one - other);
  return {
    requests: started,
    failed,
    durationMs: lastedMs,
    requestsPerSecond: (started / lastedMs) * MS_PER_SECOND,
    cpuUsPerRequest: (cpuMs / started) * US_PER_MS,
    p99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN,
    maxMs: tookMs.at(-1) ?? Number.NaN,
  };
}

answerQuestions(answer);
