/**
 * What a process holds on to, as Node.js and the system count it and not as the process itself would tell: memory that is live after a forced
 * collection, memory that is resident, open handles, listeners, file descriptors.
 */
import { readdirSync } from "node:fs";
import type { EventEmitter } from "node:events";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { anonymousBytes } from "../resident-bytes.js";

export interface Look {
  /** Heap and external memory after a full collection. */
  readonly liveBytes: number;
  /** Resident and not backed by a file: what is mapped of the database's file is the system's to take back. */
  readonly residentBytes: number;
  /** By kind, `handle TCPSocketWrap` for example. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Watch {
  look(): Look;
}

/** @throws Error unless the process was started with `--expose-gc` */
export function watchProcess(server: Server): Watch {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("Start it with --expose-gc.");
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    look() {
      // What was only held by what the first one found dead goes with the second.
      gc();
      gc();
      const { heapUsed, external } = process.memoryUsage();
      return {
        liveBytes: heapUsed + external,
        residentBytes: anonymousBytes(),
        counts: {
          ...handleCounts(),
          "file descriptors": readdirSync("/proc/self/fd").length,
          "listeners of the process": listenersOf(process),
          "listeners of the server": listenersOf(server),
          "listeners of one connection, at most": Math.max(0, ...[...sockets].map(listenersOf)),
          "open connections": sockets.size,
        },
      };
    },
  };
}

function handleCounts(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) {
    counts[`handle ${type}`] = (counts[`handle ${type}`] ?? 0) + 1;
  }
  return counts;
}

function listenersOf(emitter: EventEmitter): number {
  let count = 0;
  for (const name of emitter.eventNames()) count += emitter.listenerCount(name);
  return count;
}
