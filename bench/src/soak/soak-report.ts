/** What a soak found, as Markdown. */
import { formatNumber } from "../format.js";
import { machineLine } from "../machine.js";
import type { ArmFound } from "./run-arm.js";
import { BLOCK_COUNT } from "./slope.js";
import { GROWN_BYTES } from "./verdict.js";

const MEBIBYTE = 1024 ** 2;
const KIBIBYTE = 1024;

const HEAD = [
  "caches",
  "live",
  "growth of it each minute (95 %)",
  "flat is up to",
  "",
  "the governor's alarm",
  "resident",
  "handles and listeners",
];

export interface SoakReport {
  readonly arms: readonly ArmFound[];
  readonly isPassed: boolean;
}

export function reportOf(arms: readonly ArmFound[]): SoakReport {
  return { arms, isPassed: arms.every(({ verdict }) => !verdict.isGrowing && verdict.grown.length === 0) };
}

export function soakMarkdown({ arms }: SoakReport): string {
  const lines = [HEAD, HEAD.map(() => "---"), ...arms.map(cellsOf)];
  const table = lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return `${table}\n\n${arms.map(notesOf).join("\n")}\n\nLive: heap and external memory after a forced collection, at rest. The interval is that of a line through the means of ${BLOCK_COUNT} blocks of samples. It grows if the interval's lower end is above ${mebibytes(GROWN_BYTES)} in all the time that was measured, which is what V8 still compiles. Of handles, listeners, descriptors there is growth if there were more at every look of the last third than at any of the first. ${machineLine()}.\n`;
}

function cellsOf({ name, verdict, alarm }: ArmFound): string[] {
  const { live, liveBytes, limitPerMinute, isGrowing, residentBytes, grown } = verdict;
  return [
    name,
    mebibytes(liveBytes),
    `${kibibytes(live.perMinute)} (${kibibytes(live.lowPerMinute)} to ${kibibytes(live.highPerMinute)})`,
    kibibytes(limitPerMinute),
    isGrowing ? "**grows**" : "flat",
    alarm === null ? "none" : `**raised**: ${kibibytes(alarm.bytesPerMinute)} a minute`,
    mebibytes(residentBytes),
    grown.length === 0 ? "no growth" : `**more**: ${grown.join(", ")}`,
  ];
}

function notesOf({ name, plan, verdict, samples, outcomes }: ArmFound): string {
  const { live, limitPerMinute, requestsPerMinute, counts } = verdict;
  const halfWidth = (live.highPerMinute - live.lowPerMinute) / 2;
  const told = Object.entries(outcomes).map(([kind, count]) => `${formatNumber(count)} ${kind}`);
  const ranges = counts.map(({ kind, first, last }) => `${kind} ${range(first)} → ${range(last)}`);
  return `${name}: ${formatNumber(plan.playerCount)} players, ${formatNumber(Math.round(requestsPerMinute))} requests a minute (${told.join(", ")} in all), ${samples.length} looks. By this much each request gained ${formatNumber(live.perMinute / requestsPerMinute)} bytes; ${formatNumber((limitPerMinute + halfWidth) / requestsPerMinute)} and more would have been called growth. First third → last third: ${ranges.join("; ")}.`;
}

const range = ([least, greatest]: readonly [number, number]): string =>
  least === greatest ? String(least) : `${least}–${greatest}`;
const mebibytes = (bytes: number): string => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
const kibibytes = (bytes: number): string => `${formatNumber(Math.round(bytes / KIBIBYTE))} KiB`;
