/** The open connections of a pool, oldest first, and the choice among them. */
import type { Connection } from "./connection.js";
import type { ConnectionUsage } from "./pool-stats.js";

export interface Roster {
  size(): number;
  count(state: Connection["state"]): number;
  all(): readonly Connection[];
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** Of the ready ones that are good, the one with the fewest uses in this period. */
  leastUsed(isGood: (connection: Connection) => boolean): Connection | null;
  usage(nowMs: number): readonly ConnectionUsage[];
}

export function createRoster(): Roster {
  let connections: readonly Connection[] = [];
  return {
    size: () => connections.length,
    count: (state) =>
      connections.reduce((count, connection) => (connection.state === state ? count + 1 : count), 0),
    all: () => connections,
    add(connection) {
      connections = [...connections, connection];
    },
    remove(connection) {
      connections = connections.filter((other) => other !== connection);
    },
    leastUsed(isGood) {
      let best: Connection | null = null;
      for (const connection of connections) {
        if (connection.state !== "ready" || (best !== null && connection.uses >= best.uses)) continue;
        if (isGood(connection)) best = connection;
      }
      return best;
    },
    usage: (nowMs) =>
      connections.map(({ number, uses, state, openedAtMs, usedAtMs }) => ({
        number,
        uses,
        inFlight: state === "busy" ? 1 : 0,
        ageMs: nowMs - openedAtMs,
        idleMs: state === "busy" ? 0 : nowMs - usedAtMs,
      })),
  };
}
