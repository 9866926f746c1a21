/**
 * A server that gives every request the same answer, as DynamoDB gives it for a small item. It speaks just enough HTTP on bare
 * sockets: on `node:http` it would itself be what limits the requests a second.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { generate } from "selfsigned";
import { answerQuestions, type Answering } from "./side.js";

export interface StubQuestion {
  readonly isTls: boolean;
  /** Connections without a request for so long are closed, and nothing is said of it before. 0: never. */
  readonly idleLimitMs: number;
  /** How long it takes for an answer. 0: none. */
  readonly answerAfterMs: number;
}

export interface StubAnswer {
  readonly endpoint: string;
  /** The certificate to trust, as PEM. */
  readonly ca: string | null;
}

const ITEM_BYTES = 700;
const END_OF_HEAD = "\r\n\r\n";

const item = {
  Item: {
    pk: { S: "player-1" },
    version: { N: "12" },
    record: { B: Buffer.alloc(ITEM_BYTES, "record").toString("base64") },
  },
};

function answerBytes(body: string, type: string): Buffer {
  const head = [
    "HTTP/1.1 200 OK",
    "server: Server",
    `date: ${new Date().toUTCString()}`,
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: keep-alive",
    "x-amzn-requestid: 3KQ7V1M2D9V1S8LJ7N0T5E4H2RVV4KQNSO5AEMVJF66Q9ASUAAJG",
    "x-amz-crc32: 2745614147",
  ];
  return Buffer.from(`${head.join("\r\n")}${END_OF_HEAD}${body}`);
}

const ITEM_ANSWER = answerBytes(JSON.stringify(item), "application/x-amz-json-1.0");
const HEALTHY_ANSWER = answerBytes("healthy: stub", "text/plain");

function serve(socket: Socket, { idleLimitMs, answerAfterMs }: StubQuestion): void {
  let received = "";
  socket.setNoDelay(true);
  socket.setTimeout(idleLimitMs, () => socket.destroy());
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    for (let length = requestLength(received); length > 0; length = requestLength(received)) {
      const bytes = received.startsWith("GET") ? HEALTHY_ANSWER : ITEM_ANSWER;
      if (answerAfterMs === 0) socket.write(bytes);
      else setTimeout(() => socket.write(bytes), answerAfterMs);
      received = received.slice(length);
    }
  });
}

/** How long the first request is, or 0 while it is not complete. */
function requestLength(received: string): number {
  const headLength = received.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
  if (headLength < END_OF_HEAD.length) return 0;
  const bodyLength = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, headLength))?.[1] ?? 0);
  const length = headLength + bodyLength;
  return received.length >= length ? length : 0;
}

const answer: Answering<StubQuestion, StubAnswer> = async (question, { defer }) => {
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, question);
  };
  const pems = question.isTls ? await certificate() : null;
  const server: Server =
    pems === null
      ? createServer(onSocket)
      : createTlsServer({ key: pems.private, cert: pems.cert, ALPNProtocols: ["http/1.1"] }, onSocket);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  defer(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http${question.isTls ? "s" : ""}://127.0.0.1:${port}`, ca: pems?.cert ?? null };
};

async function certificate(): Promise<{ private: string; cert: string }> {
  return generate([{ name: "commonName", value: "127.0.0.1" }], {
    keySize: 2048,
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
}

answerQuestions(answer);
