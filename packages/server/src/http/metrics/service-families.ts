/** What the engine does for players. */
import { counter, counters, type Family, gauge } from "./family.js";

export const serviceFamilies: readonly Family[] = [
  gauge(
    "active_queues",
    "Players with a running queue seen in the last five minutes.",
    ({ activeQueues }) => activeQueues,
  ),
  gauge("uptime_seconds", "Since the start.", ({ uptimeMs }) => uptimeMs / 1_000),
  counter("reads", "Reads of players.", ({ serviceStats }) => serviceStats.reads),
  counter("commands", "Commands of players.", ({ serviceStats }) => serviceStats.commands),
  counter("command_replays", "Commands whose key was known.", ({ serviceStats }) => serviceStats.replays),
  counter("commits", "Commits.", ({ serviceStats }) => serviceStats.commits),
  counter(
    "commit_conflicts",
    "Commits that found another version and were tried again.",
    ({ serviceStats }) => serviceStats.conflicts,
  ),
  counter(
    "checkpoints",
    "Of the commits, those of interval checkpoints.",
    ({ serviceStats }) => serviceStats.checkpoints,
  ),
  counters(
    ["errors", "code"],
    "Requests to the engine that ended with an error, by code.",
    ({ serviceStats }) => serviceStats.errors,
  ),
  counter(
    "quarantined_records",
    "Damaged records that were put aside.",
    ({ serviceStats }) => serviceStats.quarantined,
  ),
  gauge("in_flight", "Requests under way in the engine.", ({ serviceStats }) => serviceStats.inFlight),
  gauge(
    "background_in_flight",
    "Checkpoints and snapshots under way, which no request waits for.",
    ({ serviceStats }) => serviceStats.inBackground,
  ),
];
