/** What the fence is made of, each part as the mutant that lacks it. */
import {
  at,
  changesWithin,
  FEW_FAULTS,
  LATE_NEWS,
  LATE_PUTS,
  NEW_LIST,
  names,
  SWITCHED,
  THINGS_TOO_LATE,
} from "./directed.js";
import type { MutantPlan } from "./mutate.js";
import { WARM_UP_MS } from "./settings.js";

const LOCAL_TIER = "cache/local/local-tier.ts";
const SUBJECTS = "cache/local/subjects.ts";
const MODEL = "testing/model-operations.ts";
const SERVER = "testing/model-remote.ts";
const HEARD = "cache/trust/heard.ts";
const BEATING = "cache/trust/beating.ts";
const READS = "cache/players/cached-reads.ts";

export const MUTANTS: readonly MutantPlan[] = [
  {
    lacks: "older values refused in this process",
    focus: { kinds: ["slow network"] },
    seeds: [37, 40, 45],
    replacements: [
      {
        file: LOCAL_TIER,
        find: "known !== undefined && isOlder(entry.stamp, known.stamp)",
        by: "known === null",
      },
      { file: SUBJECTS, find: "isOlder(entry.stamp, floors.of(key))", by: "key === null" },
    ],
  },
  {
    lacks: "older values refused by the server",
    focus: LATE_PUTS,
    seeds: [4, 24],
    replacements: [
      {
        file: MODEL,
        find: "isOlder(value.stamp, state.floor)) {\n    publish",
        by: "note === null) {\n    publish",
      },
    ],
  },
  {
    lacks: "fills under a lease only",
    focus: THINGS_TOO_LATE,
    seeds: [23, 30, 57],
    replacements: [
      {
        file: MODEL,
        find: "  if (state === null || lease === undefined || lease.token !== token) return false;",
        by: "  if (state === null) return false;",
      },
      {
        file: MODEL,
        find: "  if (lease.turn !== state.turn || nowMs >= lease.untilMs) return false;\n",
        by: "",
      },
      { file: MODEL, find: "currentAtMs: lease.givenAtMs", by: "currentAtMs: lease?.givenAtMs ?? nowMs" },
    ],
  },
  {
    lacks: "leases cancelled by what is written",
    focus: THINGS_TOO_LATE,
    seeds: [23, 30, 57],
    replacements: [
      {
        file: MODEL,
        find: "lease.turn !== state.turn || nowMs >= lease.untilMs",
        by: "nowMs >= lease.untilMs",
      },
    ],
  },
  {
    lacks: "fills stamped with the instant of the lease",
    focus: { ...LATE_NEWS, playerIds: names("p", 100), writeRate: 0.5, sessionCount: 12 },
    seeds: [5],
    replacements: [{ file: MODEL, find: "currentAtMs: lease.givenAtMs", by: "currentAtMs: nowMs" }],
  },
  {
    lacks: "puts stamped with the age of their news",
    focus: {
      ...LATE_NEWS,
      playerIds: names("p", 15),
      writeRate: 0.5,
      sessionCount: 12,
      ttlSeconds: 300,
      calms: changesWithin(300, 1_000),
    },
    seeds: [18],
    replacements: [
      { file: MODEL, find: "currentAtMs: Math.min(nowMs, currentAtMs)", by: "currentAtMs: nowMs" },
    ],
  },
  {
    lacks: "floors in this process",
    focus: { kinds: ["slow network"] },
    seeds: [72, 99, 115],
    replacements: [
      { file: SUBJECTS, find: "floors.raise(key, stamp, timers.nowMs());\n      for", by: "for" },
      { file: SUBJECTS, find: "floors.raise(key, stamp, timers.nowMs());\n  };", by: "};" },
      { file: SUBJECTS, find: "if (!isOlder(floors.of(key), stamp)) return;", by: "" },
    ],
  },
  {
    lacks: "floors on the server",
    focus: LATE_PUTS,
    seeds: [4, 24],
    replacements: [{ file: MODEL, find: "  state.floor = stamp;\n", by: "" }],
  },
  {
    lacks: "loads cancelled by what is written in this process",
    focus: {
      thingRate: 1,
      keys: ["k1", "k2"],
      writeRate: 0.3,
      thinkMs: 30,
      sessionCount: 5,
      kinds: ["store slow"],
    },
    seeds: [2, 6, 7],
    replacements: [
      {
        file: "cache/local/loads.ts",
        find: "      for (const load of underWay.get(key) ?? []) load.isCancelled = true;\n      joinable.delete(key);\n",
        by: "",
      },
    ],
  },
  {
    lacks: "notice of a hole in what is heard",
    focus: {
      ...FEW_FAULTS,
      playerIds: names("p", 6),
      writeRate: 0.15,
      thinkMs: 80,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(300, 900),
      disturbances: [at(300, "messages lost", 3_000, [0.5, 0.4])],
    },
    seeds: [3, 14, 17],
    replacements: [
      {
        file: HEARD,
        find: "expected.every(({ member, sequence }) => progressOf(member).contiguous >= sequence)",
        by: "true",
      },
    ],
  },
  {
    lacks: "notice of a channel that was opened anew",
    focus: {
      ...FEW_FAULTS,
      breakerIntervalMs: 300,
      playerIds: names("p", 100),
      writeRate: 0.5,
      thinkMs: 30,
      sessionCount: 5,
      disturbedMs: WARM_UP_MS + 4_000,
      instanceCount: 3,
      calms: changesWithin(2_300, 2_480),
      disturbances: [at(2_400, "reset", 300)],
    },
    seeds: [2, 7, 11],
    replacements: [
      {
        file: HEARD,
        find: "    onListening(isListening) {\n      breakOff();",
        by: "    onListening(isListening) {",
      },
      { file: HEARD, find: "(beat - 1 < firstBeat || echo >= beat - 1) &&", by: "" },
      {
        file: HEARD,
        find: "expected.every(({ member, sequence }) => progressOf(member).contiguous >= sequence)",
        by: "true",
      },
    ],
  },
  {
    lacks: "echoes, and what who leaves told last",
    focus: {
      ...FEW_FAULTS,
      writeRate: 0.15,
      thinkMs: 80,
      playerIds: names("p", 6),
      instanceCount: 3,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(600, 900),
      disturbances: [
        at(0, "store slow", 1_700, [0.9]),
        at(500, "blockade", 5_000, [0.9, 0.9, 0.5, 0.9], 0),
        at(900, "clean close", 5_000, [], 1),
        at(900, "clean close", 5_000, [], 1),
      ],
    },
    seeds: [20],
    replacements: [
      {
        file: MODEL,
        find: "if (group.members.delete(member)) group.left.set(member, { atMs: nowMs, sequence });",
        by: "if (sequence >= 0) group.members.delete(member);",
      },
      { file: HEARD, find: "(beat - 1 < firstBeat || echo >= beat - 1) &&", by: "" },
    ],
  },
  {
    lacks: "notice of what who leaves told last",
    focus: {
      ...FEW_FAULTS,
      writeRate: 0.15,
      thinkMs: 80,
      playerIds: names("p", 6),
      instanceCount: 3,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(600, 900),
      disturbances: [
        at(0, "store slow", 1_700, [0.9]),
        at(500, "messages lost", 5_000, [1, 0.4]),
        at(900, "clean close", 5_000, [], 1),
        at(900, "clean close", 5_000, [], 1),
      ],
    },
    seeds: [20, 31, 98],
    replacements: [
      {
        file: MODEL,
        find: "if (group.members.delete(member)) group.left.set(member, { atMs: nowMs, sequence });",
        by: "if (sequence >= 0) group.members.delete(member);",
      },
    ],
  },
  {
    lacks: "localMaxAgeMs",
    focus: {
      ...FEW_FAULTS,
      playerIds: names("p", 6),
      writeRate: 0.15,
      thinkMs: 80,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(200, 1_000),
      disturbances: [at(0, "blockade", 5_000, [0, 0, 0, 0.9])],
    },
    seeds: [2, 3, 7],
    replacements: [{ file: LOCAL_TIER, find: "nowMs - entry.knownAtMs <= vouching.maxAgeMs", by: "true" }],
  },
  {
    lacks: "beats held back by what isn't confirmed",
    focus: {
      breakerIntervalMs: 300,
      thingRate: 0,
      writeRate: 0.05,
      playerIds: ["p1", "p2", "p3", "p4", "p5", "p6"],
      ttlSeconds: 300,
      maxEntries: 1_000,
      disturbances: [at(0, "values away", 5_000, [1])],
    },
    seeds: [3, 6, 7],
    replacements: [
      {
        file: BEATING,
        find: "if (timers.nowMs() - outbox.waitingSinceMs() <= UNCONFIRMED_MS) await beat();",
        by: "await beat();",
      },
      {
        file: BEATING,
        find: '        await outbox.resend("all");\n        // What is',
        by: '        void outbox.resend("all").catch(() => undefined);\n        // What is',
      },
      {
        file: BEATING,
        find: '    await outbox.resend("silent");\n',
        by: '    void outbox.resend("silent").catch(() => undefined);\n',
      },
    ],
  },
  {
    lacks: "notice of a silent member",
    focus: {
      ...FEW_FAULTS,
      playerIds: names("p", 6),
      writeRate: 0.15,
      thinkMs: 80,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(100, 1_000),
      disturbances: [at(0, "blockade", 5_000, [0, 0, 0.9, 0.9])],
    },
    seeds: [2, 3, 7],
    replacements: [{ file: MODEL, find: "    if (silentMs > silentAfterMs) isBroken = true;\n", by: "" }],
  },
  {
    lacks: "notice of another server",
    focus: {
      ...FEW_FAULTS,
      playerIds: names("p", 100),
      writeRate: 0.5,
      thinkMs: 30,
      sessionCount: 5,
      disturbedMs: WARM_UP_MS + 2_000,
      instanceCount: 2,
      calms: changesWithin(800, 1_100),
      disturbances: [at(0, "clean close", 500, [], 1), at(800, "server restarts from a copy", 300, [0])],
    },
    seeds: [16, 18, 101],
    replacements: [
      { file: MODEL, find: " || group.topology !== topology;", by: ";" },
      { file: MODEL, find: "if (group.topology !== topology || isElsewhere) {", by: "if (isElsewhere) {" },
      { file: MODEL, find: "lastTopology !== null && lastTopology !== topology", by: 'lastTopology === ""' },
    ],
  },
  {
    lacks: "doubt of a list that may lack somebody",
    focus: NEW_LIST,
    seeds: [1, 2, 3],
    replacements: [{ file: MODEL, find: "  if (!group.isComplete) isBroken = true;\n", by: "" }],
  },
  {
    lacks: "an end of trust when beats go unanswered",
    focus: {
      ...FEW_FAULTS,
      playerIds: names("p", 6),
      writeRate: 0.15,
      thinkMs: 80,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(200, 1_000),
      disturbances: [at(0, "blockade", 5_000, [0, 0, 0, 0.9])],
    },
    seeds: [3, 10, 14],
    replacements: [
      { file: "cache/trust/last-beat.ts", find: "nowMs - sentAtMs <= trustMs", by: "sentAtMs <= nowMs" },
    ],
  },
  {
    lacks: "atLeast",
    focus: { kinds: ["blockade"] },
    seeds: [1, 4, 6],
    replacements: [
      { file: READS, find: "local.find(playerId, nowMs, atLeast)", by: "local.find(playerId, nowMs)" },
      { file: READS, find: "isOlder(stampOf(record), atLeast)", by: 'playerId === ""' },
      {
        file: "cache/players/record-loads.ts",
        find: "newerOf(atLeast, subjects.floorOf(key))",
        by: "subjects.floorOf(key)",
      },
    ],
  },
  {
    lacks: "doubt after a commit without an answer",
    focus: {
      ...FEW_FAULTS,
      playerIds: names("p", 6),
      writeRate: 0.15,
      thinkMs: 80,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(0, 1_000),
      disturbances: [at(0, "store fails", 1_500, [0.5, 0.9])],
    },
    seeds: [1, 2, 5],
    replacements: [
      {
        file: "cache/players/cached-commits.ts",
        find: "      doubt(next.playerId, null);\n      unsettled.add(next.playerId);\n",
        by: "",
      },
    ],
  },
  {
    lacks: "doubt again and again while a commit may still happen",
    focus: {
      ...FEW_FAULTS,
      playerIds: names("p", 6),
      writeRate: 0.15,
      thinkMs: 80,
      disturbedMs: WARM_UP_MS + 3_000,
      calms: changesWithin(0, 800),
      disturbances: [at(0, "store fails", 1_500, [1, 0])],
    },
    seeds: [2, 3, 4],
    replacements: [
      { file: "cache/players/cached-commits.ts", find: "      unsettled.add(next.playerId);\n", by: "" },
    ],
  },
  {
    lacks: "what was missed told after an outage",
    focus: {
      ...FEW_FAULTS,
      breakerIntervalMs: 300,
      playerIds: names("p", 20),
      writeRate: 0.5,
      thinkMs: 30,
      sessionCount: 6,
      instanceCount: 3,
      disturbedMs: WARM_UP_MS + 2_000,
      calms: changesWithin(300, 520),
      disturbances: [at(400, "reset", 300)],
    },
    seeds: [2, 5, 7],
    replacements: [
      {
        file: "cache/trust/outbox.ts",
        find: "for (const { change, atMs } of dirty.takeAll()) enter(change, atMs);",
        by: "dirty.takeAll();",
      },
    ],
  },
  {
    lacks: "sets that come too late made drops",
    focus: {
      ...FEW_FAULTS,
      breakerIntervalMs: 300,
      thingRate: 1,
      keys: ["k1"],
      writeRate: 0.5,
      thinkMs: 30,
      sessionCount: 5,
      disturbedMs: WARM_UP_MS + 2_000,
      disturbances: [at(0, "slow network", 2_000, [0.3, 0.4])],
    },
    seeds: [11, 20, 49],
    replacements: [
      { file: SERVER, find: "atLeastMs === 0 ? 0 : atLeastMs + request.withinMs", by: "atLeastMs + 1e15" },
    ],
  },
  {
    lacks: "what is shown as a floor, though it isn't kept",
    focus: { kinds: ["slow network"], thingRate: 0, writeRate: 0.5 },
    seeds: [62, 75, 79],
    replacements: [
      {
        file: "cache/players/record-loads.ts",
        find: "if (load.isCancelled) subjects.raise(playerId, loaded.stamp);\n        else {",
        by: "if (!load.isCancelled) {",
      },
    ],
  },
  {
    lacks: "strong reads past the cache",
    focus: { kinds: ["slow network"], thingRate: 0 },
    seeds: [1, 12, 23],
    replacements: [
      {
        file: "cache/players/cached-store.ts",
        find: "isStrong ? strong.read(playerIds, traced) : reads.read(playerIds, atLeast, traced)",
        by: "reads.read(playerIds, isStrong ? NO_STAMP : atLeast)",
      },
    ],
  },
  {
    lacks: "floors of what was shown past the cache while it was off",
    focus: SWITCHED,
    seeds: [15, 40, 49],
    replacements: [
      { file: "cache/players/reads-past.ts", find: "else subjects.raise(playerId, stamp);", by: "" },
    ],
  },
  {
    lacks: "news of the commits of players for whom it is off",
    focus: SWITCHED,
    seeds: [1, 2, 3],
    replacements: [
      {
        file: "cache/tier-pair.ts",
        find: "      subjects.raise(key, stamp);\n      await remote?.drop(key, stamp);\n",
        by: "      subjects.raise(key, stamp);\n",
      },
    ],
  },
  {
    lacks: "a floor in the news of what was dropped",
    focus: { ...SWITCHED, slowRate: 0.3, strongRate: 0.3 },
    seeds: [8, 39, 44],
    replacements: [
      {
        file: MODEL,
        find: "publish({ sender, subject, stamp: floor,",
        by: "publish({ sender, subject, stamp: null,",
      },
    ],
  },
];
