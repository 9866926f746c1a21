/** Numbers as people read them: with units, short, and of even width. */

export type Unit = "per-second" | "ms" | "bytes" | "share" | "count" | "level";

export const NOTHING = "–";

const KIB = 1_024;
const BYTE_STEPS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
const COUNT_STEPS = ["", " k", " M", " G"] as const;
const THOUSAND = 1_000;

export function shown(value: number | null, unit: Unit): string {
  return value === null || !Number.isFinite(value) ? NOTHING : FORMATS[unit](value);
}

const FORMATS: Readonly<Record<Unit, (value: number) => string>> = {
  "per-second": (value) => `${stepped(value, COUNT_STEPS, THOUSAND)}/s`,
  ms: (value) => (value >= THOUSAND ? `${threeDigits(value / THOUSAND)} s` : `${threeDigits(value)} ms`),
  bytes: (value) =>
    stepped(
      value,
      BYTE_STEPS.map((name) => ` ${name}`),
      KIB,
    ),
  share: (value) => `${threeDigits(value * 100)} %`,
  count: (value) => stepped(value, COUNT_STEPS, THOUSAND),
  level: (value) => String(Math.round(value)),
};

function stepped(value: number, names: readonly string[], base: number): string {
  let [rest, step] = [value, 0];
  while (Math.abs(rest) >= base && step < names.length - 1) {
    rest /= base;
    step += 1;
  }
  return `${threeDigits(rest)}${names[step] ?? ""}`;
}

/** 1,234 · 123 · 12.3 · 1.23 · 0.12 */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 99.95 || Number.isInteger(value) ? 0 : size >= 9.995 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;

/** "3 minutes", "2 hours", "5 days". */
export function duration(ms: number): string {
  if (ms < MS_PER_MINUTE) return counted(Math.max(0, Math.floor(ms / THOUSAND)), "second");
  const minutes = Math.round(ms / MS_PER_MINUTE);
  if (minutes < MINUTES_PER_HOUR) return counted(minutes, "minute");
  const hours = Math.round(minutes / MINUTES_PER_HOUR);
  return hours < 2 * HOURS_PER_DAY
    ? counted(hours, "hour")
    : counted(Math.round(hours / HOURS_PER_DAY), "day");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
