/** The budget table as Markdown. */
import type { Finding } from "./row.js";

const HEAD = ["what", "measured", "budget", "", "how"];

/** A row that could not be measured. */
export interface Failure {
  readonly name: string;
  readonly reason: string;
}

export interface Report {
  readonly machine: string;
  readonly isQuick: boolean;
  readonly findings: readonly Finding[];
  readonly failures: readonly Failure[];
  readonly tookSeconds: number;
}

export function markdownOf({ machine, isQuick, findings, failures, tookSeconds }: Report): string {
  const lines = [HEAD, HEAD.map(() => "---"), ...findings.map(cellsOf), ...failures.map(failureCells)];
  const table = lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`).join("\n");
  const notice = isQuick ? "\nQuick mode: the rounds are too short for the figures to mean anything.\n" : "";
  return `${table}\n\nMedians, with the least and the greatest of all rounds. ${machine}; took ${tookSeconds} s.\n${notice}`;
}

function cellsOf({ what, measured, budget, isMet, how }: Finding): string[] {
  return [what, measured, budget ?? "(printed)", verdictOf(isMet), how];
}

function verdictOf(isMet: boolean | null): string {
  if (isMet === null) return "";
  return isMet ? "met" : "**missed**";
}

function failureCells({ name, reason }: Failure): string[] {
  return [name, "not measured", "", "**failed**", reason.split("\n")[0] ?? ""];
}

function escapeCell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}
