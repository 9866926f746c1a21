/** Stands between an instance and its Redis, and does what networks do: breaks off, stalls, is slow, loses and doubles messages. */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createFrameCutter, type RedisFrame } from "./redis-frames.js";

/** What becomes of what passes through. Rates from 0 to 1. */
export interface ProxyFaults {
  /** Nothing gets through; it is kept, and comes when this is over. */
  isToServerStalled: boolean;
  isFromServerStalled: boolean;
  /** As above, but only on connections that listen for messages. */
  isChannelStalled: boolean;
  /** Nobody gets a connection. */
  isRefusing: boolean;
  maxDelayMs: number;
  /** Of published messages; and of those on channels whose name has this in it. */
  lost: number;
  lostEchoes: number;
  doubled: number;
  disordered: number;
}

export const NO_FAULTS: ProxyFaults = {
  isToServerStalled: false,
  isFromServerStalled: false,
  isChannelStalled: false,
  isRefusing: false,
  maxDelayMs: 0,
  lost: 0,
  lostEchoes: 0,
  doubled: 0,
  disordered: 0,
};

export interface RedisProxy {
  readonly port: number;
  setFaults(faults: Partial<ProxyFaults>): void;
  /** Breaks off all connections. */
  cut(): void;
  stop(): Promise<void>;
}

export interface RedisProxyOptions {
  readonly port: number;
  readonly random: { fraction(): number };
}

/** Out of order, or for the second time, a message comes so much later at most. */
const MAX_LATER_MS = 400;

export async function startRedisProxy({ port, random }: RedisProxyOptions): Promise<RedisProxy> {
  const faults: ProxyFaults = { ...NO_FAULTS };
  const tunnels = new Set<Tunnel>();
  const server = createServer({ noDelay: true }, (client) => {
    if (faults.isRefusing) {
      client.destroy();
      return;
    }
    const tunnel = openTunnel({ client, port, faults, random });
    tunnels.add(tunnel);
    client.once("close", () => tunnels.delete(tunnel));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const tunnel of tunnels) tunnel.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    setFaults(next) {
      Object.assign(faults, next);
      for (const tunnel of tunnels) tunnel.pump();
    },
    cut,
    async stop() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}

interface Tunnel {
  /** What may go on, goes on. */
  pump(): void;
  destroy(): void;
}

interface TunnelOptions {
  readonly client: Socket;
  readonly port: number;
  readonly faults: Readonly<ProxyFaults>;
  readonly random: RedisProxyOptions["random"];
}

function openTunnel({ client, port, faults, random }: TunnelOptions): Tunnel {
  const upstream = createConnection({ host: "127.0.0.1", port, noDelay: true });
  let isChannel = false;
  const isStalled = () => isChannel && faults.isChannelStalled;
  const delayMs = () => faults.maxDelayMs * random.fraction();
  const toServer = createLane(upstream, () => faults.isToServerStalled || isStalled());
  const fromServer = createLane(client, () => faults.isFromServerStalled || isStalled());
  const cutter = createFrameCutter();
  const later = (frame: RedisFrame): void => {
    setTimeout(() => fromServer.push(frame.bytes, 0), MAX_LATER_MS * random.fraction()).unref();
  };
  const pass = (frame: RedisFrame): void => {
    if (frame.channel === null) {
      fromServer.push(frame.bytes, delayMs());
      return;
    }
    const isEcho = frame.channel.includes("echo:");
    if (random.fraction() < (isEcho ? faults.lostEchoes : faults.lost)) return;
    if (random.fraction() < faults.disordered) later(frame);
    else fromServer.push(frame.bytes, delayMs());
    if (random.fraction() < faults.doubled) later(frame);
  };
  client.on("data", (chunk: Buffer) => {
    isChannel ||= chunk.includes("\r\nsubscribe\r\n");
    toServer.push(chunk, delayMs());
  });
  upstream.on("data", (chunk: Buffer) => {
    if (isChannel) for (const frame of cutter.push(chunk)) pass(frame);
    else fromServer.push(chunk, delayMs());
  });
  const destroy = (): void => {
    client.destroy();
    upstream.destroy();
  };
  client.on("error", destroy);
  upstream.on("error", destroy);
  client.on("close", destroy);
  upstream.on("close", destroy);
  return {
    pump() {
      toServer.pump();
      fromServer.pump();
    },
    destroy,
  };
}

/** One direction of a tunnel. What goes in comes out in order, each not before its time, and nothing while it is stalled. */
function createLane(to: Socket, isStalled: () => boolean) {
  const queue: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  const pump = (): void => {
    for (;;) {
      const [first] = queue;
      if (first === undefined || isStalled() || to.destroyed) return;
      const earlyMs = first.dueMs - performance.now();
      if (earlyMs > 0) {
        setTimeout(pump, earlyMs).unref();
        return;
      }
      queue.shift();
      to.write(first.bytes);
    }
  };
  return {
    pump,
    push(bytes: Buffer, delayMs: number): void {
      queue.push({ bytes, dueMs: performance.now() + delayMs });
      pump();
    },
  };
}
