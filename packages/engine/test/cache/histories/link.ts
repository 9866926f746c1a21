/**
 * The network between one process and the modelled server: every request, answer and announcement takes its time, and what the
 * disturbances say becomes of it. Requests of a connection keep their order, as over TCP; so do answers.
 */
import { MainspringError } from "@mainspring/core";
import type { Remote } from "../../../src/cache/remote.js";
import type { ModelServer } from "../../../src/testing/model-remote.js";
import type { SimulatedProcess } from "./process.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** Of the whole network, now. Rates from 0 to 1. */
export interface NetworkConditions {
  slow: number;
  maxDelayMs: number;
  /** Of announcements; and of the echoes of beats. */
  lost: number;
  lostEchoes: number;
  doubled: number;
  disordered: number;
  /** Of requests for values, while beats get through: where the values are on other servers than the group. */
  away: number;
}

/** What does not get through between a process and the server, and until when (ms of the world). */
export interface Blockade {
  untilMs: number;
  requests: boolean;
  answers: boolean;
  channel: boolean;
  /** Sent again when it is over, as TCP does; else lost. */
  isHeld: boolean;
}

export interface LinkOptions {
  readonly world: World;
  readonly process: SimulatedProcess;
  readonly server: ModelServer;
  readonly random: Random;
  readonly conditions: Readonly<NetworkConditions>;
  /** A client gives up a request after so long. */
  readonly commandTimeoutMs: number;
  /** Silent members are forgotten after so long, and a new list is trusted. */
  readonly forgetAfterMs: number;
}

export interface Link {
  readonly remote: Remote;
  readonly blockade: Blockade;
  /** The connection breaks; it is there again after so long. */
  reset(backAfterMs: number): void;
}

/** A silent member is forgotten after so long, instead of minutes. No disturbance of one process lasts longer. */
export const FORGET_AFTER_MS = 6_000;

const VALUE_OPERATIONS: ReadonlySet<string> = new Set(["look", "put", "putNext", "fill", "drop"]);

/** One way, when nothing is the matter. */
export const MAX_USUAL_TRAVEL_MS = 3;
/** What was on its way when the process died gets there as often as not. */
const ARRIVES_AFTER_DEATH = 0.6;

export function createLink(options: LinkOptions): Link {
  const { world, process, server, random, conditions, commandTimeoutMs, forgetAfterMs } = options;
  const blockade: Blockade = { untilMs: 0, requests: false, answers: false, channel: false, isHeld: false };
  /** When the last parcel of a direction arrives. */
  const lastAtMs = { request: 0, answer: 0, channel: 0 };
  let connectionCount = 0;

  /** How long until it is there; `null`: it never is. */
  const travelMs = (direction: "request" | "answer" | "channel", isOrdered: boolean): number | null => {
    const nowMs = world.nowMs();
    const usualMs = random.chance(conditions.slow)
      ? random.between(0, conditions.maxDelayMs)
      : random.between(0.1, MAX_USUAL_TRAVEL_MS);
    const isBlocked =
      nowMs < blockade.untilMs &&
      (direction === "channel"
        ? blockade.channel
        : direction === "request"
          ? blockade.requests
          : blockade.answers);
    if (isBlocked && !blockade.isHeld) return null;
    const delayMs = usualMs + (isBlocked ? blockade.untilMs - nowMs : 0);
    if (!isOrdered) return delayMs;
    lastAtMs[direction] = Math.max(lastAtMs[direction], nowMs + delayMs);
    return lastAtMs[direction] - nowMs;
  };

  const connection = server.connect({
    nowMs: () => process.timers.nowMs(),
    carry({ kind, operation }, { arrive, lose }) {
      const connectedAs = connectionCount;
      if (kind === "request") {
        if (!process.isAlive()) return;
        if (VALUE_OPERATIONS.has(operation) && random.chance(conditions.away)) {
          // Half of them hang, and half are refused.
          if (random.chance(0.5)) process.deliver(MAX_USUAL_TRAVEL_MS, lose);
          return;
        }
        const delayMs = travelMs("request", true);
        const arrives = random.chance(ARRIVES_AFTER_DEATH);
        if (delayMs === null) return;
        world.after(delayMs, () => {
          if (process.isAlive() || arrives) arrive();
        });
        return;
      }
      if (kind === "answer") {
        const delayMs = travelMs("answer", true);
        if (delayMs === null) return;
        process.deliver(delayMs, () => {
          if (connectedAs === connectionCount) arrive();
        });
        return;
      }
      if (kind === "listening") {
        process.deliver(random.between(0.2, 5), arrive);
        return;
      }
      if (random.chance(kind === "echo" ? conditions.lostEchoes : conditions.lost)) return;
      const delayMs = travelMs("channel", !random.chance(conditions.disordered));
      if (delayMs === null) return;
      process.deliver(delayMs, arrive);
      if (random.chance(conditions.doubled)) process.deliver(delayMs + random.between(0, 400), arrive);
    },
  });
  process.onDeath(() => void connection.close());
  return {
    remote: shielded(connection, { process, commandTimeoutMs, forgetAfterMs }),
    blockade,
    reset(backAfterMs) {
      connectionCount += 1;
      lastAtMs.request = 0;
      lastAtMs.answer = 0;
      lastAtMs.channel = 0;
      const connectedAs = connectionCount;
      const backAtMs = world.nowMs() + backAfterMs;
      // A frozen process is cut first and connects then, like any other; and of several breaks only the last one is mended.
      process.deliver(0, () => {
        connection.cut();
        process.deliver(backAtMs - world.nowMs(), () => {
          if (connectedAs === connectionCount) connection.reconnect();
        });
      });
    },
  };
}

/**
 * What a dead process asked for is never answered, and a frozen one learns it later: nothing runs in them. And a call that
 * takes too long is given up, whatever becomes of it.
 */
function shielded(
  remote: Remote,
  {
    process,
    commandTimeoutMs,
    forgetAfterMs,
  }: Pick<LinkOptions, "process" | "commandTimeoutMs" | "forgetAfterMs">,
): Remote {
  const later = (run: () => void): void => {
    if (process.isFrozen()) process.deliver(0, run);
    else if (process.isAlive()) run();
  };
  const call = async <T>(ask: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const callOff = process.timers.after(commandTimeoutMs, () =>
        reject(new MainspringError("STORE_UNAVAILABLE", "The modelled server took too long.")),
      );
      ask().then(
        (value) =>
          later(() => {
            callOff();
            resolve(value);
          }),
        (error: unknown) =>
          later(() => {
            callOff();
            reject(error);
          }),
      );
    });
  return {
    look: async (given) => call(async () => remote.look(given)),
    put: async (given) => call(async () => remote.put(given)),
    putNext: async (given) => call(async () => remote.putNext(given)),
    fill: async (given) => call(async () => remote.fill(given)),
    drop: async (given) => call(async () => remote.drop(given)),
    // Silent members are forgotten sooner, so that a short history sees the time after.
    beat: async (given) => call(async () => remote.beat({ ...given, forgetAfterMs })),
    leave: async (given) => call(async () => remote.leave(given)),
    noteRecent: async (given) => call(async () => remote.noteRecent(given)),
    readRecent: async (given) => call(async () => remote.readRecent(given)),
    listen(member, listener) {
      remote.listen(member, {
        onAnnouncement: (announcement) => later(() => listener.onAnnouncement(announcement)),
        onEcho: (beat) => later(() => listener.onEcho(beat)),
        onListening: (isListening) => later(() => listener.onListening(isListening)),
      });
    },
    close: async () => remote.close(),
  };
}
