/** The numbers of a process, each with its unit. Counters go up from 0 at the start; what is not called a counter is as of now. */
import { type TNumber, type TObject, type TSchema, Type } from "typebox";
import { integer, mapOf, nullable, nullableRef, oneOf, strict, text } from "./common.js";
import { FlagStatsSchema } from "./flags.js";
import { batchStats, poolStats, storeStats } from "./performance-store.js";
import { httpStats } from "./performance-http.js";

const bytes = (description: string) => integer(`${description} Bytes.`);
const ms = (description: string): TNumber => Type.Number({ minimum: 0, description: `${description} ms.` });
const flag = (description: string) => Type.Boolean({ description });

const cacheStats = mapOf(
  strict({
    hits: integer("Counter."),
    misses: integer("Counter."),
    hitRate: nullable(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: "Hits of all that were asked for; null: nothing was.",
      }),
    ),
    evictions: integer("Counter: entries that went for want of room."),
    expired: integer("Counter: entries found too old to be shown."),
    refused: integer("Counter: values refused as older than what is known."),
    loads: integer("Counter: loads from what lies below the cache."),
    failedLoads: integer("Counter."),
    loadMs: ms("Counter: how long the loads took altogether."),
    shared: integer("Counter: requests that waited for a load of somebody else."),
    graces: integer("Counter: answers from a last good value past its time."),
    entries: integer("Of Redis: not known, 0."),
    bytes: bytes("Of Redis: not known, 0."),
    meanAgeAtHitMs: ms("How old the values of hits were since they were known to be current: mean."),
    maxAgeAtHitMs: ms("And the greatest."),
  }),
  "By namespace and tier, activeQueue.local for example. Empty while no cache is on.",
);

const cacheHealth = nullable(
  strict(
    {
      trust: strict({
        breaker: oneOf(
          ["closed", "open", "half-open", "none"],
          "closed: Redis is asked as usual. open: it isn't. half-open: one call finds out. none: there is none.",
        ),
        breakerOpenings: integer("Counter: how often Redis was given up."),
        isTrusted: flag(
          "Changes by others are heard of at once; else nothing older than cache.localMaxAge is shown.",
        ),
        isGroupComplete: flag(
          "Whoever may live is known. Not so for five minutes after Redis was new, flushed, restarted or failed over: nothing is trusted then.",
        ),
        members: integer("Instances that hear of each other."),
        breaks: integer("Counter: what was heard had a hole, or the channel was lost."),
        unconfirmed: integer("Changes that Redis hasn't confirmed yet."),
        announcements: integer("Counter: changes told to the others."),
      }),
      prefetch: strict({
        isOn: flag("Players are fetched ahead of their visits."),
        fetched: integer("Counter."),
        used: integer("Counter: of those, read before they went."),
        wasted: integer("Counter: and never read."),
        precision: nullable(
          Type.Number({
            minimum: 0,
            maximum: 1,
            description: "Used of those that are decided; null: none is.",
          }),
        ),
        modelled: integer("Players whose habits are known."),
      }),
      hottest: mapOf(
        Type.Array(
          strict({
            key: text("A player's id, or the name of a value."),
            count: integer("About how often it was asked for, never too low."),
            maxError: integer("Too high by so much at most."),
          }),
        ),
        "By namespace, what is asked for most. Sampled.",
      ),
    },
    { description: "How the cache stands to the other instances; null without one." },
  ),
);

const relief = strict({
  entered: integer("Counter: how often the level was entered from below."),
  left: integer("Counter: and left again."),
  entries: integer("Counter: entries given up."),
  expiredEntries: integer("Counter: of these, those that could not be shown any more."),
  bytes: bytes("Counter: as the caches count them."),
});

const slope = (description: string) => Type.Number({ description: `${description} Bytes per minute.` });

const growthAlarm = nullable(
  strict(
    {
      bytesPerMinute: slope("How fast what is live besides the caches grows."),
      lowBytesPerMinute: slope("With 95 % confidence no slower."),
      highBytesPerMinute: slope("With 95 % confidence no faster."),
      samples: integer("Collections that it was seen at."),
      windowMs: ms("In so long."),
      reachesThresholdInMs: ms("At this rate the threshold is reached after so long."),
    },
    { description: "Memory grows although the caches don't; null: it doesn't." },
  ),
);

const governor = nullable(
  strict(
    {
      isOn: flag("It is switched on. While it is off the level is 0, and nothing is given up."),
      level: integer("How short memory is: 0 enough to 3 emergency. See docs/memory.md.", { maximum: 3 }),
      by: Type.Unsafe<string | null>({
        type: ["string", "null"],
        enum: ["live", "resident", "heap", null],
        description: "What calls for the level; null at level 0.",
      }),
      liveBytes: nullable(bytes("Heap and external memory after the last full collection; null: not known.")),
      thresholdBytes: bytes("memory.memoryThreshold."),
      residentBytes: bytes("Of the process and not backed by a file, where the system tells."),
      residentLimitBytes: bytes("What it may have."),
      heapLimitBytes: bytes("Where V8 gives up."),
      cacheBytes: bytes("All local caches together, by their own count."),
      cacheEntries: integer("In all local caches together."),
      tenants: mapOf(strict({ entries: integer("Of it."), bytes: bytes("About.") }), "Local caches by name."),
      relief: strict({ 1: relief, 2: relief, 3: relief }, { description: "By level, what was given up." }),
      collections: strict({
        isOn: flag("Collections may be asked for, and are found to help."),
        count: integer("Counter: those that the governor asked for."),
        freedBytes: bytes("Counter: what they took away from heap and external memory."),
        pauseMs: ms("Counter: how long they held up everything else."),
        last: nullable(strict({ freedBytes: bytes("Of the last one."), pauseMs: ms("Of the last one.") })),
        inVain: integer("Counter: those that gained too little for their pause."),
      }),
      alarm: growthAlarm,
    },
    { description: "Null without a memory governor." },
  ),
);

const memoryStats = strict({
  heapUsedBytes: bytes("V8's heap in use, garbage included."),
  heapTotalBytes: bytes("V8's heap."),
  rssBytes: bytes("Resident memory of the process."),
  externalBytes: bytes("Buffers outside of the heap."),
  eventLoopDelayP50Ms: ms("How late the event loop was in the worst ten seconds of the last minute: median."),
  eventLoopDelayP99Ms: ms("The same: 99th percentile."),
  eventLoopDelayMaxMs: ms("The same: greatest."),
  governor,
});

const collection = (description: string) =>
  strict(
    { count: integer("Counter."), pauseMs: ms("Counter: everything else was held up.") },
    { description },
  );

const processStats = strict({
  cpuUserMs: ms("Counter: processor time of all threads in the program."),
  cpuSystemMs: ms("Counter: processor time in the system for it."),
  eventLoopBusyMs: ms("Counter: so long the event loop had something to do."),
  collections: strict(
    {
      minor: collection("Of the young generation."),
      major: collection("Of the whole heap."),
      incremental: collection("Steps towards one of the whole heap."),
      weak: collection("Weak references that were cleared."),
    },
    { description: "V8's collections, whoever wanted them." },
  ),
});

const priority = strict({
  admitted: integer("Counter."),
  refused: integer("Counter."),
  inFlight: integer("Under way."),
  withoutQueueMs: nullable(ms("About how long one takes while nothing has to queue; null: not known yet.")),
});

const overloadStats = nullable(
  strict(
    {
      isOn: flag("It is on for anybody. If not, nothing is refused, and nobody is counted."),
      step: integer("What is refused: 0 nothing, 1 low priority, 2 reads too, 3 even commands.", {
        maximum: 3,
      }),
      limit: integer("Requests that may be under way."),
      inFlight: integer("Requests under way."),
      byPriority: strict({ command: priority, read: priority, low: priority }),
      refusedForLoad: integer("Counter."),
      refusedForMemory: integer("Counter."),
      stepsEntered: strict(
        { 1: integer("Counter."), 2: integer("Counter."), 3: integer("Counter.") },
        { description: "How often each step was entered from below." },
      ),
    },
    { description: "Requests let in and refused; null without a limit." },
  ),
);

const serviceStats = strict({
  reads: integer("Counter."),
  commands: integer("Counter."),
  replays: integer("Counter: commands whose key was known."),
  commits: integer("Counter."),
  conflicts: integer("Counter: commits that found another version and were tried again."),
  checkpoints: integer("Counter: of the commits, those of interval checkpoints."),
  errors: mapOf(integer("Counter."), "Requests that ended with an error, by code."),
  quarantined: integer("Counter: damaged records that were put aside."),
  inFlight: integer("Requests under way in the engine."),
  inBackground: integer("Checkpoints and snapshots under way, which no request waits for."),
});

export const performanceParts = {
  activeQueues: integer("Players with a running queue seen in the last five minutes, by this process."),
  cacheStats,
  cacheHealth,
  memoryStats,
  processStats,
  flagStats: nullableRef(FlagStatsSchema, "Which layers are on for how many players. Null without switches."),
  overloadStats,
  batchStats,
  poolStats,
  storeStats,
  serviceStats,
  latencyBoundsMs: Type.Array(Type.Number(), { description: "The bounds of every atMost in here. ms." }),
  uptimeMs: integer("Since the start. ms."),
  httpStats,
} satisfies Record<string, TSchema>;

export const PerformanceSchema: TObject<typeof performanceParts> = strict(performanceParts, {
  $id: "PerformanceStats",
  description: "The numbers of this process. See docs/numbers.md.",
});
