/** Processor time of processes: user and system, all threads. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;

let ticksPerSecond: number | undefined;

/** Of this process, in ms; the same counters as {@link cpuMsOf}, by the microsecond. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / US_PER_MS;
}

/**
 * Of any process, in ms, from /proc: it counts in ticks of 10 ms.
 * @throws Error where there is no /proc, or no such process
 */
export function cpuMsOf(pid: number): number {
  ticksPerSecond ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold anything; user and system time are the 14th and 15th field, the name is the 2nd.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[14 - 3]) + Number(fields[15 - 3]);
  return (ticks / ticksPerSecond) * MS_PER_SECOND;
}
