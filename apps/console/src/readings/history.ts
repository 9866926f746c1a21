/** What the page remembers: the newest values of each series, with gaps where no answer came. Bounded in time and in series. */

/** Half an hour of an answer each two seconds. */
export const MAX_SAMPLES = 900;

/** What a series is called comes from the server, so it could be anything, and any number of it. */
export const MAX_SERIES = 300;

export type Values = readonly (number | null)[];

export interface View {
  /** Seconds since 1970, as the charts want them. */
  readonly times: readonly number[];
  /** In the order of the ids. */
  readonly columns: readonly Values[];
  /** Where no answer came: from the last one before to the first one after. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
}

export interface History {
  add(atMs: number, values: ReadonlyMap<string, number | null>): void;
  /** No answer came at this instant. */
  addGap(atMs: number): void;
  view(ids: readonly string[], sinceMs: number): View;
  /** The last value, or `null` if the last sample has none. */
  latest(id: string): number | null;
  /** Of what is there since an instant; `null` if nothing is. */
  mean(id: string, sinceMs: number): number | null;
  /** When the last answer came, or didn't come; `null` before the first. */
  lastAtMs(): number | null;
}

const MS_PER_SECOND = 1_000;

export function createHistory({ maxSamples = MAX_SAMPLES, maxSeries = MAX_SERIES } = {}): History {
  const times: number[] = [];
  const answered: boolean[] = [];
  const columns = new Map<string, (number | null)[]>();

  const push = (atMs: number, values: ReadonlyMap<string, number | null>, isAnswered: boolean): void => {
    for (const id of values.keys()) {
      // What is new has no past.
      if (!columns.has(id) && columns.size < maxSeries)
        columns.set(
          id,
          times.map(() => null),
        );
    }
    times.push(atMs);
    answered.push(isAnswered);
    for (const [id, column] of columns) column.push(values.get(id) ?? null);
    if (times.length <= maxSamples) return;
    times.shift();
    answered.shift();
    for (const column of columns.values()) column.shift();
  };
  const firstSince = (sinceMs: number): number => {
    const index = times.findIndex((atMs) => atMs >= sinceMs);
    return index < 0 ? times.length : index;
  };

  return {
    lastAtMs: () => times.at(-1) ?? null,
    add: (atMs, values) => push(atMs, values, true),
    addGap: (atMs) => push(atMs, new Map(), false),
    view(ids, sinceMs) {
      const start = firstSince(sinceMs);
      return {
        times: times.slice(start).map((atMs) => atMs / MS_PER_SECOND),
        columns: ids.map((id) => columns.get(id)?.slice(start) ?? times.slice(start).map(() => null)),
        gaps: gapsOf(times.slice(start), answered.slice(start)),
      };
    },
    latest: (id) => columns.get(id)?.at(-1) ?? null,
    mean(id, sinceMs) {
      const there = (columns.get(id) ?? []).slice(firstSince(sinceMs)).filter((value) => value !== null);
      return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
    },
  };
}

function gapsOf(times: readonly number[], answered: readonly boolean[]): View["gaps"] {
  const gaps: { from: number; to: number }[] = [];
  let lastAnswer: number | null = null;
  let isOpen = false;
  for (const [index, atMs] of times.entries()) {
    const seconds = atMs / MS_PER_SECOND;
    const gap = gaps.at(-1);
    if (isOpen && gap !== undefined) gap.to = seconds;
    if (answered[index] === true) {
      lastAnswer = seconds;
      isOpen = false;
    } else if (!isOpen) {
      gaps.push({ from: lastAnswer ?? seconds, to: seconds });
      isOpen = true;
    }
  }
  return gaps;
}
