/** When a request no longer counts: room in the limit is for what the server does, and never for waiting for a client. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { OverloadLimit, OverloadStats } from "@mainspring/engine";
import { createManualClock } from "@mainspring/engine/testing";
import { expect, it, onTestFinished } from "vitest";
import { createHttpNumbers } from "../../src/http/numbers/http-numbers.js";
import { createDoor } from "../../src/http/overload/door.js";
import { LOOK_FOR_SLOW_BODIES_MS, SLOW_BODY_MS } from "../../src/http/overload/slow-bodies.js";

interface Seen {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** More than any network takes in before somebody reads it. */
const MUCH = Buffer.alloc(64 * 1024 ** 2);

/** A door in front of nothing: the test answers. */
async function scene() {
  /** How often each request that was let in has ended. */
  const ended: number[] = [];
  const limit: OverloadLimit = {
    enter() {
      const index = ended.push(0) - 1;
      return { isAdmitted: true, done: () => void (ended[index] = (ended[index] ?? 0) + 1) };
    },
    hasMemoryFor: () => true,
    step: () => 0,
    stats: () => ({}) as OverloadStats,
    close: () => undefined,
  };
  const clock = createManualClock();
  const door = createDoor({
    overload: limit,
    flags: null,
    notice: () => [],
    requestIds: () => "id",
    numbers: createHttpNumbers(clock),
    log: { debug: () => undefined },
    timers: clock,
    isClosing: () => false,
  });
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    door(request, response);
    seen.push({ request, response });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const send = async (bytes: string): Promise<Socket> => {
    const socket = connect({ host: "127.0.0.1", port }).on("error", () => undefined);
    // It never reads what comes back.
    socket.pause();
    await once(socket, "connect");
    socket.write(bytes);
    return socket;
  };
  const arrived = async (index: number): Promise<Seen> => {
    await expect.poll(() => seen.length).toBeGreaterThan(index);
    return seen[index] as Seen;
  };
  return { ended, clock, send, arrived };
}

const head = (method: string, ...lines: string[]): string =>
  [`${method} /v1/players/ada HTTP/1.1`, "Host: game.test", ...lines, "", ""].join("\r\n");

it("a client that reads no answer takes no room: a request ends when its answer is made, and only once", async () => {
  const { ended, send, arrived } = await scene();
  const socket = await send(head("GET") + head("GET") + head("GET"));
  const last = await arrived(2);
  const [first, second] = [await arrived(0), await arrived(1)];
  first.response.end(MUCH);
  expect([ended, first.response.writableFinished]).toEqual([[1, 0, 0], false]);
  // Behind the first one, whose bytes don't leave.
  last.response.end("short");
  expect([ended, last.response.socket]).toEqual([[1, 0, 1], null]);
  second.response.writeHead(200);
  second.response.write("half");
  expect(ended).toEqual([1, 0, 1]);
  socket.destroy();
  await expect.poll(() => ended).toEqual([1, 1, 1]);
});

it("an answer that flows from a stream ends with the stream", async () => {
  const { ended, send, arrived } = await scene();
  await send(head("GET"));
  const { response } = await arrived(0);
  response.write("first");
  expect(ended).toEqual([0]);
  const closed = once(response, "close");
  response.end("last");
  await closed;
  expect(ended).toEqual([1]);
});

it("an answer that somebody takes from its connection ends with the connection", async () => {
  const { ended, send, arrived } = await scene();
  const socket = await send(head("GET"));
  const { request, response } = await arrived(0);
  response.detachSocket(request.socket);
  expect(ended).toEqual([0]);
  socket.destroy();
  await expect.poll(() => ended).toEqual([1]);
});

it("half a body takes room for half a second, and a whole one for as long as its answer takes", async () => {
  const { ended, clock, send, arrived } = await scene();
  const half = await send(`${head("POST", "Content-Length: 10")}{`);
  await arrived(0);
  const chunked = await send(`${head("POST", "Transfer-Encoding: chunked")}1\r\n{\r\n`);
  await arrived(1);
  await send(`${head("POST", "Content-Length: 2")}{}`);
  const whole = await arrived(2);
  await send(head("POST", "Content-Length: 0"));
  await arrived(3);
  await expect.poll(() => whole.request.complete).toBe(true);
  clock.advance(SLOW_BODY_MS - 1);
  expect(ended).toEqual([0, 0, 0, 0]);
  clock.advance(LOOK_FOR_SLOW_BODIES_MS + 1);
  expect(ended).toEqual([1, 1, 0, 0]);
  // It comes after all, or never: it has ended already.
  half.write("123456789");
  await expect.poll(async () => (await arrived(0)).request.complete).toBe(true);
  (await arrived(0)).response.end();
  chunked.destroy();
  whole.response.end();
  clock.advance(10 * SLOW_BODY_MS);
  expect(ended).toEqual([1, 1, 1, 0]);
});
