/** The books of a player after a crash: everything that was answered is there, once; items add up; what was shown stands. */
import { expect } from "vitest";
import { type Load, look } from "./player-load.js";

type Amounts = Readonly<Record<string, number>>;

interface Totals {
  readonly gave: Amounts;
  readonly took: Amounts;
  readonly discarded: Amounts;
}

interface ShownEvent {
  readonly number: number;
  readonly type: string;
  readonly reason?: string;
  readonly totals?: Totals;
  readonly command?: {
    readonly type: string;
    readonly taskId?: number;
    readonly result: { readonly taskIds?: readonly number[]; readonly items?: Amounts };
  };
}

interface Inspected {
  readonly player: { readonly version: number; readonly items: Amounts; readonly stash: Amounts };
  readonly tasks: readonly Totals[];
}

const PAGE = 1_000;

async function allEvents(url: string, load: Load): Promise<ShownEvent[]> {
  const events: ShownEvent[] = [];
  for (;;) {
    const after = events.length;
    const path = `/v1/players/${load.playerId}/events?after=${after}&limit=${PAGE}`;
    const page = await look<{ events: ShownEvent[]; lastNumber: number }>(url, load, {
      path,
      authorization: load.admin,
    });
    if (page === null) throw new Error("The events could not be read.");
    events.push(...page.events);
    if (page.events.length < PAGE) return events;
  }
}

export interface BooksOptions {
  /** Whatever was shown was saved before: so the same version is the same player. */
  readonly isShownSaved: boolean;
}

/** Checks a player's books. No command of the player may be open. */
export async function checkBooks(url: string, load: Load, { isShownSaved }: BooksOptions): Promise<void> {
  const { told, playerId } = load;
  const inspect = (): Promise<Inspected | null> =>
    look<Inspected>(url, load, { path: `/v1/admin/players/${playerId}`, authorization: load.admin });
  const inspected = await inspect();
  if (inspected === null) {
    expect(told.done, `${playerId} is gone`).toEqual([]);
    return;
  }
  if (told.shown !== null) {
    expect(inspected.player.version, "what was shown was saved").toBeGreaterThanOrEqual(told.shown.version);
    const { version, items, stash } = told.shown;
    if (isShownSaved && inspected.player.version === version)
      expect(inspected.player).toMatchObject({ items, stash });
  }
  const events = await allEvents(url, load);
  expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
  expect(events.slice(0, told.events.length), "events that were shown have changed").toEqual(told.events);
  checkCommands(load, events);
  // The sums are of one instant if nothing was saved between the two readings.
  if ((await inspect())?.player.version === inspected.player.version) checkItems(events, inspected);
  told.events = events;
}

/** Every command that was answered is in the journal, and no other is. */
function checkCommands({ told, playerId }: Load, events: readonly ShownEvent[]): void {
  const commands = events.flatMap(({ command, reason }) =>
    command === undefined ? [] : [{ ...command, reason }],
  );
  const count = (type: string): number => commands.filter((command) => command.type === type).length;
  for (const type of ["enqueue", "cancel", "pause", "resume", "adjust"]) {
    expect(count(type), `${playerId}: ${type}`).toBe(
      told.done.filter((request) => request.type === type).length,
    );
  }
  const sorted = (list: readonly (string | number | undefined)[]): unknown[] => list.map(String).sort();
  expect(sorted(commands.flatMap(({ result }) => result.taskIds ?? []))).toEqual(sorted(told.taskIds));
  const adjusted = commands.filter(({ type }) => type === "adjust").map(({ reason }) => reason);
  expect(sorted(adjusted)).toEqual(
    sorted(told.done.filter(({ type }) => type === "adjust").map(({ key }) => key)),
  );
  const cancelled = commands.filter(({ type }) => type === "cancel").map(({ taskId }) => taskId);
  expect(sorted(cancelled)).toEqual(
    sorted(told.done.filter(({ type }) => type === "cancel").map(({ taskId }) => taskId)),
  );
}

/** Items change only by what finished cycles took and gave and by what commands did. */
function checkItems(events: readonly ShownEvent[], { player, tasks }: Inspected): void {
  const sum = new Map<string, number>();
  const add = (amounts: Iterable<readonly [string, number]>, sign: number): void => {
    for (const [id, amount] of amounts) sum.set(id, (sum.get(id) ?? 0) + sign * amount);
  };
  for (const { command } of events)
    if (command?.type === "adjust") add(Object.entries(command.result.items ?? {}), 1);
  for (const totals of [...events.flatMap((event) => event.totals ?? []), ...tasks]) {
    add(Object.entries(totals.gave), 1);
    add(Object.entries(totals.took), -1);
    add(Object.entries(totals.discarded), -1);
  }
  add(Object.entries(player.items), -1);
  add(Object.entries(player.stash), -1);
  expect(
    [...sum].filter(([, left]) => left !== 0),
    "items that came from nowhere or got lost",
  ).toEqual([]);
}
