/**
 * A model of the server that instances share, for simulations: many connections to one object in memory. The clock is given,
 * and whoever simulates decides when each request, answer and announcement arrives, if at all.
 */
import { MainspringError } from "@mainspring/core";
import type { Announcement, BeatAnswer, BeatRequest, Remote, RemoteListener } from "../cache/remote.js";
import { createServerTime, type ServerTime } from "../cache/server-time.js";
import {
  beat,
  drop,
  fill,
  leave,
  look,
  type ModelContext,
  type ModelData,
  noteRecent,
  put,
  putNext,
  readRecent,
} from "./model-operations.js";

/** Something on its way. `listening`: the channel is being opened anew after it was lost. */
export interface Parcel {
  readonly kind: "request" | "answer" | "announcement" | "echo" | "listening";
  /** Of a request and its answer: the call. */
  readonly operation: keyof Remote;
}

/** What may become of a parcel; whatever comes after the first counts no more, but for announcements and echoes: they can come twice. */
export interface Delivery {
  readonly arrive: () => void;
  /** It is lost. A call rejects at this moment, and its answer doesn't matter any more; nothing else is told. */
  readonly lose: () => void;
}

export interface ModelConnectionOptions {
  /** Decides what becomes of each parcel, now or later. One of which nothing becomes hangs. Default: all arrive at once. */
  readonly carry?: (parcel: Parcel, delivery: Delivery) => void;
  /** This instance's own clock, that never goes back. Default: the server's. */
  readonly nowMs?: () => number;
}

export interface ModelConnection extends Remote {
  /** Breaks it off: calls under way reject, the channel is lost. Calls reject until `reconnect`. */
  cut(): void;
  /** Calls work again, and the channel is opened, by way of `carry`. */
  reconnect(): void;
}

export interface ModelServer {
  connect(options?: ModelConnectionOptions): ModelConnection;
  /** Forgets everything, and stays the server it is. */
  flush(): void;
  /** Keeps a copy for a restart. */
  saveCopy(): void;
  /**
   * Breaks off all connections, and begins anew as another server: with nothing, or with the copy that was saved last. Each must `reconnect`.
   * @param options.asRun as the one that was the so-many-th, from 1: another stood in for it, and it comes back. Default: as a new one
   */
  restart(options: { readonly keep: "nothing" | "old copy"; readonly asRun?: number }): void;
  /** Requests that arrive wait until `resume`. */
  pause(): void;
  resume(): void;
}

/** @param options.nowMs the server's clock; may be set back or ahead */
export function createModelServer({ nowMs }: { readonly nowMs: () => number }): ModelServer {
  let data = emptyData();
  let copy = emptyData();
  let runCount = 1;
  let runNumber = 1;
  let isPaused = false;
  let waiting: (() => void)[] = [];
  const links = new Set<Link>();
  const context = (): ModelContext => ({
    data,
    nowMs: nowMs(),
    publish(announcement) {
      for (const link of links) link.announce(announcement);
    },
    echo(member, number) {
      for (const link of links) link.echo(member, number);
    },
  });
  const core: Core = {
    nowMs,
    links,
    runId: () => `run-${runNumber}`,
    serve(operation) {
      const run = () => operation(context());
      if (isPaused) waiting.push(run);
      else run();
    },
  };
  return {
    connect: (options = {}) => connect(core, options),
    flush() {
      data = emptyData();
    },
    saveCopy() {
      copy = structuredClone(data);
    },
    restart({ keep, asRun }) {
      runCount += 1;
      runNumber = asRun ?? runCount;
      waiting = [];
      isPaused = false;
      data = keep === "nothing" ? emptyData() : structuredClone(copy);
      for (const link of links) link.cut();
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      const due = waiting;
      waiting = [];
      for (const run of due) run();
    },
  };
}

/** The server as its connections see it. */
interface Core {
  readonly links: Set<Link>;
  readonly nowMs: () => number;
  /** Which process it is: another one after a restart. */
  runId(): string;
  /** Does it once the server is awake. */
  serve(operation: (context: ModelContext) => void): void;
}

interface Link {
  announce(announcement: Announcement): void;
  echo(member: string, number: number): void;
  cut(): void;
}

type Carry = NonNullable<ModelConnectionOptions["carry"]>;

function connect(core: Core, options: ModelConnectionOptions): ModelConnection {
  const { carry = (_, { arrive }) => arrive(), nowMs = core.nowMs } = options;
  const serverTime = createServerTime(nowMs);
  const wire = createWire(core, carry);
  const channel = createChannel(carry);
  const { call } = wire;
  const beats = createBeats(wire, serverTime);
  const link: Link = {
    announce: (announcement) => channel.announce(announcement),
    echo: (member, number) => channel.echo(member, number),
    cut() {
      channel.lose();
      wire.cut();
    },
  };
  core.links.add(link);
  const agoMs = (ageMs: number) => Math.max(0, serverTime.atLeastMs() - ageMs);
  // A lease is good for the server that gave it, and for no other.
  const onThisServer = (token: string) => `${token}@${wire.runId()}`;
  return {
    look: (requests) => {
      const isTrusted = wire.runId() === beats.trustedRunId();
      const leased = requests.map(({ lease, trustedSinceMs, ...request }) => ({
        ...request,
        trustedSinceMs: isTrusted ? trustedSinceMs : null,
        lease: lease && { ...lease, token: onThisServer(lease.token) },
      }));
      return call("look", (context) => leased.map((request) => look(context, request)));
    },
    put: (request) => {
      const currentAtMs = agoMs(request.ageMs);
      return call("put", (context) => put(context, request, currentAtMs));
    },
    putNext: (request) => {
      const atLeastMs = serverTime.atLeastMs();
      const untilMs = atLeastMs === 0 ? 0 : atLeastMs + request.withinMs;
      return call("putNext", (context) => putNext(context, request, untilMs));
    },
    fill: (request) => {
      const { ageMs, token } = request;
      const onServer = { ...request, token: onThisServer(token) };
      const currentAtMs = ageMs === null ? Infinity : agoMs(ageMs);
      return call("fill", (context) => fill(context, onServer, currentAtMs));
    },
    drop: (request) => call("drop", (context) => drop(context, request)),
    beat: (request) => beats.send(request),
    leave: (sender) => call("leave", (context) => leave(context, sender)),
    listen: (member, listener) => channel.listen(member, listener),
    noteRecent: (players) => call("noteRecent", (context) => noteRecent(context, players)),
    readRecent: (limit) => call("readRecent", (context) => readRecent(context, limit)),
    close: async () => {
      core.links.delete(link);
      channel.close();
      wire.close();
    },
    cut: () => link.cut(),
    reconnect() {
      const before = wire.runId();
      if (wire.open()) channel.open();
      if (wire.runId() !== before) serverTime.forget();
    },
  };
}

/** Requests and their answers. */
function createWire(core: Core, carry: Carry) {
  const underWay = new Set<() => void>();
  let state: "open" | "cut" | "closed" = "open";
  let runId = core.runId();

  const call = <T>(operation: keyof Remote, run: (context: ModelContext) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const lose = () => {
        underWay.delete(lose);
        reject(new MainspringError("STORE_UNAVAILABLE", "The model of a server does not answer."));
      };
      if (state !== "open") {
        lose();
        return;
      }
      underWay.add(lose);
      const answer = (value: T) => {
        underWay.delete(lose);
        resolve(value);
      };
      const sentTo = runId;
      let isServed = false;
      const arrive = () => {
        // A connection that broke may have delivered it; a server that is gone does nothing any more.
        if (isServed || core.runId() !== sentTo) return;
        isServed = true;
        core.serve((context) => {
          const value = run(context);
          carry({ kind: "answer", operation }, { arrive: () => answer(value), lose });
        });
      };
      carry({ kind: "request", operation }, { arrive, lose });
    });
  const cut = () => {
    if (state === "open") state = "cut";
    for (const lose of underWay) lose();
  };
  return {
    call,
    cut,
    runId: () => runId,
    /** Says whether it was cut, and is open now. */
    open(): boolean {
      if (state !== "cut") return false;
      state = "open";
      runId = core.runId();
      return true;
    },
    close() {
      cut();
      state = "closed";
    },
  };
}

function createBeats(wire: ReturnType<typeof createWire>, serverTime: ServerTime) {
  let trustedRunId: string | null = null;
  let lastRunId: string | null = null;
  return {
    /** The server that the last beat's answer came from: of another its word doesn't count. */
    trustedRunId: () => trustedRunId,
    async send(request: BeatRequest): Promise<BeatAnswer> {
      const topology = wire.runId();
      const sent = { topology, lastTopology: lastRunId, sentAtMs: serverTime.atLeastMs() };
      const answer = await wire.call("beat", (context) => beat(context, request, sent));
      lastRunId = topology;
      if (topology !== wire.runId()) return answer;
      serverTime.heard(answer.nowMs);
      trustedRunId = topology;
      return answer;
    },
  };
}

/** What a connection hears. Whatever is published while the channel is closed, it never hears. */
function createChannel(carry: Carry) {
  let to: { readonly member: string; readonly listener: RemoteListener } | null = null;
  let isListening = false;
  // Counts how often it was lost: what was on its way then is lost with it.
  let lostCount = 0;
  const send = (kind: Parcel["kind"], tell: (listener: RemoteListener) => void) => {
    const sentIn = lostCount;
    const arrive = () => {
      if (to !== null && sentIn === lostCount) tell(to.listener);
    };
    carry({ kind, operation: "listen" }, { arrive, lose: () => undefined });
  };
  const open = () => {
    if (to === null) return;
    send("listening", (listener) => {
      isListening = true;
      listener.onListening(true);
    });
  };
  return {
    open,
    listen(member: string, listener: RemoteListener) {
      to = { member, listener };
      open();
    },
    lose() {
      lostCount += 1;
      if (isListening) to?.listener.onListening(false);
      isListening = false;
    },
    close() {
      to = null;
    },
    announce(announcement: Announcement) {
      if (isListening) send("announcement", (listener) => listener.onAnnouncement(announcement));
    },
    echo(member: string, number: number) {
      if (isListening && member === to?.member) send("echo", (listener) => listener.onEcho(number));
    },
  };
}

function emptyData(): ModelData {
  return { subjects: new Map(), group: null, recent: new Map() };
}
