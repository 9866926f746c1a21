/** Stands between a store and DynamoDB and does to requests what networks and busy servers do, by chance from a seed. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SeededRandom } from "../seeded-random.js";

export const FAULTS = [
  /** Refused, for too many requests. */
  "throttle",
  /** A failure of the server that did nothing. */
  "failBefore",
  /** A failure of the server after it was done. */
  "failAfter",
  /** The connection breaks before the request arrives. */
  "resetBefore",
  /** It arrives and is done, and the connection breaks. */
  "resetAfter",
  /** It is done, and no answer ever comes. */
  "hangAfter",
  /** Nothing happens until the client has given up, and then it is done. */
  "late",
  /** It arrives twice; the second answer counts. */
  "duplicate",
  /** Of a batch, some is left unprocessed. */
  "partial",
] as const;

export type Fault = (typeof FAULTS)[number];
export type FaultRates = Partial<Record<Fault, number>>;

export interface FaultProxy {
  readonly endpoint: string;
  setRates(rates: FaultRates): void;
  /** The next requests of an operation meet these (`null`: nothing), before chance has its turn. */
  plan(operation: string, ...faults: (Fault | null)[]): void;
  /** Forgets what was planned. */
  clear(): void;
  /** How often each fault was met. */
  readonly met: Record<Fault, number>;
  /** Operations, in the order in which they arrived here. */
  readonly operations: readonly string[];
  /** Operations with the table that each was about. */
  readonly tableCalls: ReadonlySet<string>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

interface Arrived {
  readonly operation: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

const SETTINGS = new Set(["CreateTable", "DescribeTable", "DescribeTimeToLive", "UpdateTimeToLive"]);

export async function startFaultProxy(options: {
  readonly port: number;
  readonly random: SeededRandom;
}): Promise<FaultProxy> {
  const { port, random } = options;
  const met = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  const planned = new Map<string, (Fault | null)[]>();
  const operations: string[] = [];
  const tableCalls = new Set<string>();
  const underWay = new Set<Promise<unknown>>();
  let rates: FaultRates = {};

  const faultFor = (operation: string): Fault | null => {
    const plan = planned.get(operation)?.shift();
    if (plan !== undefined) return plan;
    if (SETTINGS.has(operation)) return null;
    for (const fault of FAULTS) if (random.fraction() < (rates[fault] ?? 0)) return fault;
    return null;
  };
  const forward = async (arrived: Arrived): Promise<Answer> => {
    const answer = send(port, arrived);
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  };
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const target = String(incoming.headers["x-amz-target"]);
    const operation = target.slice(target.indexOf(".") + 1);
    const left = new Promise<void>((resolve) => {
      outgoing.once("close", resolve);
    });
    const arrived = { operation, headers: incoming.headers, body: await bodyOf(incoming) };
    operations.push(operation);
    tableCalls.add(`${operation} ${tableOf(arrived.body)}`);
    const fault = faultFor(operation);
    if (fault !== null) met[fault] += 1;
    const answer = await answerWith(fault, { arrived, forward, left, random });
    if (answer === null) incoming.socket.destroy();
    else {
      outgoing.writeHead(answer.status, answer.headers);
      outgoing.end(answer.body);
    }
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setRates(next) {
      rates = next;
    },
    plan(operation, ...faults) {
      planned.set(operation, [...(planned.get(operation) ?? []), ...faults]);
    },
    clear: () => planned.clear(),
    met,
    operations,
    tableCalls,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // What comes late comes before the server behind is stopped.
      await Promise.allSettled(underWay);
    },
  };
}

function tableOf(body: Buffer): string {
  const asked = JSON.parse(body.toString()) as { TableName?: string; RequestItems?: object };
  return asked.TableName ?? Object.keys(asked.RequestItems ?? {}).join();
}

interface Doing {
  readonly arrived: Arrived;
  readonly forward: (arrived: Arrived) => Promise<Answer>;
  /** Resolves when the client has gone. */
  readonly left: Promise<void>;
  readonly random: SeededRandom;
}

/** `null`: the connection breaks. */
async function answerWith(
  fault: Fault | null,
  { arrived, forward, left, random }: Doing,
): Promise<Answer | null> {
  switch (fault) {
    case null:
      return forward(arrived);
    case "throttle":
      return failure(400, "ProvisionedThroughputExceededException", {
        ThrottlingReasons: [
          { reason: "TableWriteProvisionedThroughputExceeded", resource: "arn:of:a:table" },
        ],
      });
    case "failBefore":
      return failure(500, "InternalServerError");
    case "failAfter":
      await forward(arrived);
      return failure(500, "InternalServerError");
    case "resetBefore":
      return null;
    case "resetAfter":
      await forward(arrived);
      return null;
    case "hangAfter":
      await forward(arrived);
      await left;
      return null;
    case "late":
      await left;
      await forward(arrived);
      return null;
    case "duplicate":
      await forward(arrived);
      return forward(arrived);
    case "partial":
      return partially(arrived, { forward, random });
  }
}

function failure(status: number, name: string, more: object = {}): Answer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...more });
  return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body: Buffer.from(body) };
}

async function partially(
  arrived: Arrived,
  { forward, random }: Pick<Doing, "forward" | "random">,
): Promise<Answer> {
  const field = { BatchWriteItem: "UnprocessedItems", BatchGetItem: "UnprocessedKeys" }[arrived.operation];
  if (field === undefined) return forward(arrived);
  const asked = JSON.parse(arrived.body.toString()) as { RequestItems: Record<string, unknown> };
  const [ofTable] = Object.entries(asked.RequestItems);
  if (ofTable === undefined) return forward(arrived);
  const [table, content] = ofTable;
  const isWrite = arrived.operation === "BatchWriteItem";
  const entries = (isWrite ? content : (content as { Keys: unknown[] }).Keys) as unknown[];
  const done = entries.filter(() => random.fraction() < 0.5);
  const left = entries.filter((entry) => !done.includes(entry));
  const requestOf = (some: unknown[]): unknown => (isWrite ? some : { ...(content as object), Keys: some });
  const unprocessed = left.length === 0 ? {} : { [table]: requestOf(left) };
  if (done.length === 0) {
    return answerOf({ ...(isWrite ? {} : { Responses: {} }), [field]: unprocessed });
  }
  const body = Buffer.from(JSON.stringify({ ...asked, RequestItems: { [table]: requestOf(done) } }));
  const answer = await forward({ ...arrived, body });
  if (answer.status !== 200) return answer;
  return answerOf({ ...(JSON.parse(answer.body.toString()) as object), [field]: unprocessed });
}

function answerOf(content: object): Answer {
  const headers = { "content-type": "application/x-amz-json-1.0" };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(content)) };
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function send(port: number, { headers, body }: Arrived): Promise<Answer> {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({
      host: "127.0.0.1",
      port,
      method: "POST",
      headers: { ...headers, "content-length": body.length, connection: "close" },
    });
    outgoing.on("error", reject);
    outgoing.on("response", resolve);
    outgoing.end(body);
  });
  const passedOn = { ...incoming.headers };
  delete passedOn["transfer-encoding"];
  delete passedOn.connection;
  return { status: incoming.statusCode ?? 500, headers: passedOn, body: await bodyOf(incoming) };
}
