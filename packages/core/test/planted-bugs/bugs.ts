/** One-line bugs of many sorts, each as a replacement in one file of the built package. */

export interface PlantedBug {
  /** What a player or an operator would say. */
  readonly what: string;
  /** Inside `dist`. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    what: "a long stretch plays one cycle more than the task repeats",
    file: "settle/stretch.js",
    text: "Math.min(byLimit, task.repeat - task.cyclesDone)",
    replacement: "Math.min(byLimit, task.repeat - task.cyclesDone + 1)",
  },
  {
    what: "the remainder of a cycle is lost when somebody looks",
    file: "settle/settle.js",
    text: "attemptStart(run, instantMs);",
    replacement: "attemptStart(run, nowMs);",
  },
  {
    what: "the inputs of an abandoned cycle are not given back",
    file: "settle/start.js",
    text: "const stashed = storeOrStash(run, atMs, id, amount);",
    replacement: "const stashed = 0;",
  },
  {
    what: "a cancelled cycle gives its inputs back twice",
    file: "settle/start.js",
    text: "const stashed = storeOrStash(run, atMs, id, amount);",
    replacement: "const stashed = storeOrStash(run, atMs, id, 2 * amount);",
  },
  {
    what: "a level-up in the middle of a stretch is ignored",
    file: "settle/stretch.js",
    text: "run.outcomes.cyclesBelowXp(span, index, below) + 1",
    replacement: "run.outcomes.cyclesBelowXp(span, index, below) + 2",
  },
  {
    what: "a cycle gets the terms of its end instead of its start",
    file: "settle/settle.js",
    text: 'import { finishCycles } from "./finish.js";',
    replacement: [
      'import { finishCycles as finish } from "./finish.js";',
      'import { termsOf } from "./terms.js";',
      "const finishCycles = (run, cycle, count) => {",
      "  const activity = run.catalog.activities.get(run.tasks[0].activity);",
      "  const { yieldPpm, successPpm } = activity ? termsOf(run, run.catalog, activity) : cycle;",
      "  return finish(run, { ...cycle, yieldPpm, successPpm }, count);",
      "};",
    ].join(" "),
  },
  {
    what: "a change of terms by a command is noticed only after the whole stretch",
    file: "settle/stretch.js",
    text: "!sameTerms(cycle, termsOf(run, run.catalog, activity))",
    replacement: "false",
  },
  {
    what: "a tool taken away while a cycle runs is not missed by the next",
    file: "settle/stretch.js",
    text: "unmetRequirement(run, activity) !== null",
    replacement: "false",
  },
  {
    what: "what a full bag can't hold vanishes instead of going to the stash",
    file: "settle/storage.js",
    text: "changeStash(run, atMs, id, rest);",
    replacement: "",
  },
  {
    what: "a full bag is taken for one with room in a long stretch",
    file: "settle/stretch.js",
    text: "multiplyUpToMax(greatestAmount(greatest, terms), count)",
    replacement: "multiplyUpToMax(greatestAmount(greatest, terms), count - 1)",
  },
  {
    what: "a task that returns to the head rolls its loot anew",
    file: "settle/finish.js",
    text: "from: task.cyclesDone,",
    replacement: "from: task.cyclesDone + (cycle.startedAtMs === task.startedAtMs ? 0 : 1),",
  },
  {
    what: "loot depends on when it is looked at",
    file: "settle/finish.js",
    text: "from: task.cyclesDone,",
    replacement: "from: cycle.startedAtMs % 1000,",
  },
  {
    what: "after a new catalog the cycle in flight ends under its rules",
    file: "settle/finish.js",
    text: "catalogOf(run.timeline, cycle.catalog)",
    replacement:
      "run.catalog.activities.has(task.activity) ? run.catalog : catalogOf(run.timeline, cycle.catalog)",
  },
  {
    what: "a removed task's inputs are lost",
    file: "settle/settle.js",
    text: "abandonCycle(run, atMs);",
    replacement: "run.cycle = null;",
  },
  {
    what: "stacks are counted by the catalog of before",
    file: "settle/settle.js",
    text: "run.stacksUsed = countStacks(run.items, to);",
    replacement: "",
  },
  {
    what: "an effect lasts a millisecond too long",
    file: "settle/settle.js",
    text: "run.effects.filter(({ untilMs }) => untilMs > atMs)",
    replacement: "run.effects.filter(({ untilMs }) => untilMs + 1 > atMs)",
  },
  {
    what: "an effect's end goes unnoticed in a stretch",
    file: "settle/boundaries.js",
    text: "for (const effect of moment.effects)",
    replacement: "for (const effect of moment.effects.slice(1))",
  },
  {
    what: "the away limit forgets the twelve hours of grace",
    file: "settle/boundaries.js",
    text: "return lastSeenMs + SEEN_GRACE_MS + awayMaxMs;",
    replacement: "return lastSeenMs + awayMaxMs;",
  },
  {
    what: "an event's number is used twice",
    file: "settle/run.js",
    text: "run.eventCount += 1;",
    replacement: 'run.eventCount += body.type === "task-unblocked" ? 0 : 1;',
  },
  {
    what: "one key of until is enough",
    file: "settle/start.js",
    text: "until.items.every(",
    replacement: "until.skills.length > 0 || until.items.every(",
  },
  {
    what: "a stretch overlooks an amount that until waits for",
    file: "settle/stretch.js",
    text: "run.outcomes.cyclesBelowItem(span, item, below) + 1",
    replacement: "run.outcomes.cyclesBelowItem(span, item, below) + 2",
  },
  {
    what: "a cycle starts after its window has closed",
    file: "settle/stretch.js",
    text: "divCeil(Math.max(0, untilMs - cycle.startedAtMs), cycle.durationMs)",
    replacement: "divCeil(Math.max(0, untilMs - cycle.startedAtMs), cycle.durationMs) + 1",
  },
  {
    what: "a stretch eats inputs that aren't there",
    file: "settle/stretch.js",
    text: "divFloor(spare, amount) + 2",
    replacement: "divFloor(spare, amount) + 3",
  },
  {
    what: "a pause throws away the elapsed time",
    file: "commands/queue-commands.js",
    text: "run.cycle.startedAtMs + atMs - run.paused.sinceMs",
    replacement: "atMs",
  },
  {
    what: "the twentieth rare find isn't told",
    file: "settle/finish.js",
    text: "task.rareFinds > RARE_FINDS_TOLD",
    replacement: "task.rareFinds >= RARE_FINDS_TOLD",
  },
  {
    what: "a failed cycle gives what a success gives",
    file: "settle/rolled-outcomes.js",
    text: "playOutcome(part, activity.outcomes.failure, lost);",
    replacement: "playOutcome(part, activity.outcomes.success, lost);",
  },
  {
    what: "two sorts of chance share their rolls",
    file: "settle/rolled-outcomes.js",
    text: "const yieldRoll = (entry) => 4 + 4 * entry.index;",
    replacement: "const yieldRoll = (entry) => 1 + 4 * entry.index;",
  },
  {
    what: "the low bits of a roll come from the wrong cycle",
    file: "settle/chance.js",
    text: "return this.#low[index] ?? 0;",
    replacement: "return this.#low[15 - index] ?? 0;",
  },
  {
    what: "a task moved before another lands behind it",
    file: "commands/queue-commands.js",
    text: "tasks.indexOf(target)",
    replacement: "tasks.indexOf(target) + 1",
  },
  {
    what: "claiming takes more out of the stash than fits",
    file: "commands/inventory-commands.js",
    text: "changeStash(run, atMs, id, -fits);",
    replacement: "changeStash(run, atMs, id, -amount);",
  },
  {
    what: "equipping forgets what was in the slot",
    file: "commands/inventory-commands.js",
    text: "before === undefined ? 0 : storeOrStash(run, atMs, before, 1)",
    replacement: "0",
  },
  {
    what: "xp that is put in raises no level",
    file: "settle/finish.js",
    text: "if (level > fromLevel)",
    replacement: "if (level > fromLevel + 1)",
  },
  {
    what: "being seen moves the instant back",
    file: "commands/seen.js",
    text: "run.lastSeenMs = atMs;",
    replacement: "",
  },
];
