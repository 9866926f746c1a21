/** A server that does to a pool what a test tells it to, on real sockets, with TLS or without. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { HttpRequest } from "@smithy/core/protocols";
import { generate } from "selfsigned";
import { onTestFinished } from "vitest";
import { type ConnectionPool, createConnectionPool } from "../../src/pool/connection-pool.js";
import type { ConnectionPoolOptions } from "../../src/pool/pool-options.js";

export interface Arrival {
  readonly body: string;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

export interface Stub {
  readonly endpoint: URL;
  /** The certificate to trust. */
  readonly ca: string | undefined;
  /** Bodies of the requests that arrived, checks left out. */
  readonly bodies: string[];
  /** Checks that arrived. */
  readonly checks: () => number;
  /** Open connections. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections ever. */
  readonly accepted: () => number;
  /** What to do with a request, from now on. */
  answer: (arrival: Arrival) => void;
  /** What to do with a check, from now on. */
  answerCheck: (arrival: Arrival) => void;
  /** What to do with a connection, from now on. */
  welcome: (socket: Socket) => void;
  close(): Promise<void>;
}

export interface StubOptions {
  readonly isTls?: boolean;
  /** After so long without a request, an idle connection is closed, and every answer says so. Default: never. */
  readonly keepAliveTimeoutMs?: number;
  /** By which it is called. Default: 127.0.0.1 */
  readonly host?: "127.0.0.1" | "localhost";
}

/** Answers with the request's own body. */
export function echo({ response, body }: Arrival): void {
  response.end(body);
}

export async function openStub({
  isTls = false,
  keepAliveTimeoutMs = 0,
  host = "127.0.0.1",
}: StubOptions = {}): Promise<Stub> {
  const sockets = new Set<Socket>();
  const bodies: string[] = [];
  let checks = 0;
  let accepted = 0;
  const listener: RequestListener = (message, response) => {
    let body = "";
    message.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    message.on("end", () => {
      const arrival = { body, message, response, socket: message.socket };
      if (message.method === "GET") {
        checks += 1;
        stub.answerCheck(arrival);
      } else {
        bodies.push(body);
        stub.answer(arrival);
      }
    });
  };
  const pems = isTls ? await generate([{ name: "commonName", value: host }], certificateOptions) : null;
  const settings = { keepAliveTimeout: keepAliveTimeoutMs, noDelay: true };
  const server =
    pems === null
      ? createServer(settings, listener)
      : createTlsServer({ ...settings, key: pems.private, cert: pems.cert }, listener);
  server.on(isTls ? "secureConnection" : "connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    stub.welcome(socket);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stub: Stub = {
    endpoint: new URL(`http${isTls ? "s" : ""}://${host}:${port}`),
    ca: pems?.cert,
    bodies,
    checks: () => checks,
    sockets,
    accepted: () => accepted,
    answer: echo,
    answerCheck: ({ response }) => void response.end("healthy"),
    welcome: () => undefined,
    async close() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
  onTestFinished(() => stub.close());
  return stub;
}

const certificateOptions = {
  keySize: 2048,
  extensions: [
    {
      name: "subjectAltName" as const,
      altNames: [
        { type: 7 as const, ip: "127.0.0.1" },
        { type: 2 as const, value: "localhost" },
      ],
    },
  ],
};

/** A pool for a stub, closed after the test. */
export function poolFor(stub: Stub, options: ConnectionPoolOptions = {}): ConnectionPool {
  const pool = createConnectionPool({ ...(stub.ca === undefined ? {} : { ca: stub.ca }), ...options });
  onTestFinished(() => pool.destroy());
  return pool;
}

export function requestTo(
  endpoint: URL,
  body: unknown,
  query: Readonly<Record<string, string>> = {},
): HttpRequest {
  return new HttpRequest({
    query: { ...query },
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    port: Number(endpoint.port),
    method: "POST",
    path: "/",
    headers: { host: endpoint.host, "content-type": "text/plain", authorization: "Signature=a-secret" },
    body,
  });
}

/** Sends a body and resolves with the answer's. */
export async function ask(
  pool: ConnectionPool,
  stub: Stub,
  body: string,
  options: Parameters<ConnectionPool["handle"]>[1] = {},
): Promise<string> {
  const { response } = await pool.handle(requestTo(stub.endpoint, body), options);
  return Buffer.from(response.body as Uint8Array).toString();
}

/** Lets sockets do their work until something is so. A test that waits for what never comes ends by its own timeout. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}
