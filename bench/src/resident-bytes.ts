/** What this process has of the machine's memory for itself: resident, and not backed by a file that the system could take back. */
import { readFileSync } from "node:fs";

const KIBIBYTE = 1024;

/** @throws Error where there is no /proc */
export function anonymousBytes(): number {
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  if (kibibytes === undefined) throw new Error("The system doesn't tell what is resident.");
  return Number(kibibytes) * KIBIBYTE;
}
