/** The server with somebody beside it who counts what collections cost, or what is allocated and by whom. */
import { Session } from "node:inspector/promises";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { exposedCollector } from "@mainspring/engine/governor";
import { type Allocations, allocationsOf } from "../allocations.js";
import { anonymousBytes } from "../resident-bytes.js";
import { type Served, serveMainspring, type ServeQuestion } from "../serve-mainspring.js";
import { answerQuestions, type Answering } from "./side.js";

export type WatchQuestion =
  | { readonly ask: "serve"; readonly question: ServeQuestion }
  /** From now on it is watched. A profile costs time itself: what else is counted then is not to be compared. */
  | { readonly ask: "begin"; readonly isProfiled: boolean }
  | { readonly ask: "end" };

export type WatchAnswer =
  | { readonly kind: "served"; readonly served: Served }
  | { readonly kind: "begun" }
  | { readonly kind: "seen"; readonly seen: MemorySeen };

/** Collections of one kind, and how long they held up everything else. */
export interface Collections {
  readonly count: number;
  readonly pauseMs: number;
  readonly longestMs: number;
}

export interface MemorySeen {
  readonly durationMs: number;
  /** Of the young generation. */
  readonly scavenges: Collections;
  /** Of the whole heap; and the steps towards one. */
  readonly full: Collections;
  readonly residentBytes: number;
  /** Heap and external memory at the end, and what is left of it by a collection then. */
  readonly usedBytes: number;
  readonly liveBytes: number;
  /** `null`: no profile was asked for. */
  readonly allocations: Allocations | null;
}

/** An object in so many bytes is looked at: about 0.1 % of what a busy server allocates. */
const SAMPLING_BYTES = 8_192;

const NOTHING: Collections = { count: 0, pauseMs: 0, longestMs: 0 };

const collect = exposedCollector();

let scavenges = NOTHING;
let full = NOTHING;
let beganAtMs = 0;
let session: Session | null = null;

const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { duration } = entry;
    // What the types of Node.js leave out.
    const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
    if (kind === constants.NODE_PERFORMANCE_GC_MINOR) scavenges = added(scavenges, duration);
    else full = added(full, duration);
  }
});

function added({ count, pauseMs, longestMs }: Collections, durationMs: number): Collections {
  return { count: count + 1, pauseMs: pauseMs + durationMs, longestMs: Math.max(longestMs, durationMs) };
}

const answer: Answering<WatchQuestion, WatchAnswer> = async (question, releases) => {
  switch (question.ask) {
    case "serve":
      observer.observe({ entryTypes: ["gc"] });
      return { kind: "served", served: await serveMainspring(question.question, releases) };
    case "begin":
      scavenges = NOTHING;
      full = NOTHING;
      beganAtMs = performance.now();
      session = question.isProfiled ? await startProfile() : null;
      return { kind: "begun" };
    case "end":
      return { kind: "seen", seen: await seen() };
  }
};

async function seen(): Promise<MemorySeen> {
  const counted = {
    durationMs: performance.now() - beganAtMs,
    scavenges,
    full,
    residentBytes: anonymousBytes(),
    usedBytes: usedBytes(),
    allocations: session === null ? null : await stopProfile(session),
  };
  if (collect === null) throw new Error("This process can't be told to collect.");
  collect();
  return { ...counted, liveBytes: usedBytes() };
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function startProfile(): Promise<Session> {
  const opened = new Session();
  opened.connect();
  await opened.post("HeapProfiler.startSampling", {
    samplingInterval: SAMPLING_BYTES,
    // Most of what a request allocates is gone before anybody asks.
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as object);
  return opened;
}

async function stopProfile(opened: Session): Promise<Allocations> {
  const { profile } = await opened.post("HeapProfiler.stopSampling");
  opened.disconnect();
  return allocationsOf(profile.head);
}

answerQuestions(answer);
