/**
 * A batched store over one that fails before and after writes, dawdles, refuses, and is written to by another server,
 * beside a plain store that does each commit on its own.
 */
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordWrite, Store } from "../../src/ports.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { temporaryFolder } from "../store/temporary-folder.js";
import {
  type Arrived,
  contentOf,
  histories,
  nameOf,
  plain,
  type OpenedStore,
  type Original,
  type PlayedHistory,
  playHistory,
  plainStore,
} from "./history.js";
import { check } from "./replay.js";

const openMemory = async (): Promise<OpenedStore> => ({
  store: createMemoryStore(),
  cleanup: async () => undefined,
});

const openLmdb = async (): Promise<OpenedStore> => {
  const temporary = temporaryFolder();
  const store = await openLmdbStore({ folder: join(temporary.path, "data") });
  return { store, cleanup: async () => temporary.remove() };
};

const STORES = [
  { name: "the memory store", open: openMemory, runCount: 250 },
  { name: "the LMDB store", open: openLmdb, runCount: 25 },
];

/** The commits that travelled as one write: they follow each other, and the last of them names it. */
function membersOf({ write }: Arrived, all: readonly Original[]): readonly Original[] {
  const last = all.findIndex((one) => nameOf(one.write) === nameOf(write));
  for (let first = last; first >= 0; first -= 1) {
    if (sameHead(all[first]?.write.expected, write.expected)) return all.slice(first, last + 1);
  }
  return [];
}

function sameHead(one: RecordWrite["expected"] | undefined, other: RecordWrite["expected"]): boolean {
  return one?.incarnation === other?.incarnation && one?.version === other?.version;
}

/** Each commit by the other server, and each write with its members, in the order in which the store got them. */
function arrivals({
  originals,
  arrived,
  rivals,
}: PlayedHistory): { one: Arrived; members: readonly Original[] }[] {
  return arrived.map((one) => ({
    one,
    members: rivals.has(nameOf(one.write))
      ? []
      : membersOf(one, originals.get(one.write.next.playerId) ?? []),
  }));
}

/** A plain store after the same commits one by one, each of which ended there as it did here. */
async function playedPlainly(played: PlayedHistory): Promise<Store> {
  const plainly = plainStore();
  for (const { one, members } of arrivals(played)) {
    if (members.length === 0) {
      expect(await plainly.commit([one.write])).toEqual([{ status: one.outcome }]);
      continue;
    }
    for (const { write } of one.outcome === "committed" ? members : members.slice(0, 1)) {
      expect(await plainly.commit([write])).toEqual([{ status: one.outcome }]);
    }
  }
  return plainly;
}

it("the histories meet conflicts, faults, refusals, rivals and commits that become one, of each many", async () => {
  const met = { committed: 0, conflicts: 0, unknown: 0, coalesced: 0, retried: 0, rivals: 0, snapshots: 0 };
  for (const history of fc.sample(histories, { numRuns: 200, seed: 3 })) {
    const played = await playHistory(history, openMemory);
    const results = [...played.originals.values()].flat().map(({ result }) => result);
    met.committed += results.filter((result) => result === "committed").length;
    met.conflicts += results.filter((result) => result === "conflict").length;
    met.unknown += results.filter((result) => result instanceof Error).length;
    met.coalesced += played.coalesced;
    met.retried += played.retried;
    met.rivals += played.rivals.size;
    met.snapshots += played.snapshots.given;
  }
  for (const [what, count] of Object.entries(met)) expect(count, what).toBeGreaterThan(150);
});

for (const { name, open, runCount } of STORES) {
  const law = (
    sentence: string,
    prove: (played: PlayedHistory) => void | Promise<void>,
    how: { readonly isSwitched?: boolean } = {},
  ): void => {
    it(sentence, async () => {
      await check(histories, async (history) => prove(await playHistory(history, open, how)), runCount);
    });
  };

  describe(`a batcher over ${name} with faults and a rival`, () => {
    law("has the content that a plain store has after the same commits one by one", async (played) => {
      expect(played.content).toEqual(await contentOf(await playedPlainly(played)));
    });

    law("answers each commit with what became of it, or says that it doesn't know", (played) => {
      const outcomes = new Map<Original, Arrived["outcome"]>();
      for (const { one, members } of arrivals(played)) {
        for (const original of members) outcomes.set(original, one.outcome);
      }
      for (const original of [...played.originals.values()].flat()) {
        const { result } = original;
        expect(result).not.toBe(null);
        if (typeof result === "string") expect(outcomes.get(original)).toBe(result);
        else expect(result).toMatchObject({ code: "STORE_UNAVAILABLE" });
      }
    });

    law("gives the store each commit at most once, and those of a player in their order", (played) => {
      const { originals } = played;
      const seen = new Map<string, Original[]>([...originals.keys()].map((id) => [id, []]));
      for (const { members } of arrivals(played)) {
        for (const original of members) seen.get(original.write.next.playerId)?.push(original);
      }
      for (const [id, all] of originals) {
        const places = (seen.get(id) ?? []).map((original) => all.indexOf(original));
        expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
      }
    });

    law(
      "makes one write only of commits of different calls that follow each other, with none of the player before them",
      (played) => {
        let coalesced = 0;
        for (const { one, members } of arrivals(played)) {
          coalesced += Math.max(0, members.length - 1);
          if (members.length === 0) continue;
          const { events, mark } = one.write;
          const lastMark = members.at(-1)?.write.mark;
          expect(events.map(plain)).toEqual(members.flatMap(({ write }) => write.events).map(plain));
          expect(mark && [...mark]).toEqual(lastMark && [...lastMark]);
          for (const [index, { write, call, unanswered }] of members.entries()) {
            const before = members[index - 1];
            if (before === undefined) continue;
            // Those of one call are answered together, so that some of them may be done without anybody knowing.
            const others = unanswered.filter((other) =>
              members.every((member) => member.call !== other.call),
            );
            expect(others).toEqual([]);
            expect(call).not.toBe(before.call);
            expect(write.expected).toEqual({
              incarnation: before.write.next.incarnation,
              version: before.write.next.version,
            });
            expect(write.next.incarnation).toBe(before.write.next.incarnation);
            if (before.write.mark !== undefined) expect(write.mark).toBeDefined();
          }
        }
        expect(coalesced).toBeLessThanOrEqual(played.coalesced);
      },
    );

    law("shows each reader all that was acknowledged before, in bytes of its own", ({ lateReads }) => {
      expect(lateReads).toEqual([]);
    });
  });

  describe(`a batcher over ${name} with faults and a rival, switched for each player all the time`, () => {
    const isSwitched = true;

    law(
      "has the content that a plain store has after the same commits one by one",
      async (played) => {
        expect(played.content).toEqual(await contentOf(await playedPlainly(played)));
      },
      { isSwitched },
    );

    law(
      "gives the store each commit at most once, and answers it with what became of it, or says that it doesn't know",
      (played) => {
        const outcomes = new Map<Original, Arrived["outcome"]>();
        for (const { one, members } of arrivals(played)) {
          for (const original of members) {
            expect(outcomes.has(original)).toBe(false);
            outcomes.set(original, one.outcome);
          }
        }
        for (const original of [...played.originals.values()].flat()) {
          const { result } = original;
          expect(result).not.toBe(null);
          if (typeof result === "string") expect(outcomes.get(original)).toBe(result);
          else if (result?.code === "OVERLOADED") expect(outcomes.has(original)).toBe(false);
          else expect(result).toMatchObject({ code: "STORE_UNAVAILABLE" });
        }
      },
      { isSwitched },
    );

    law(
      "shows each reader all that was acknowledged before, in bytes of its own",
      ({ lateReads }) => {
        expect(lateReads).toEqual([]);
      },
      { isSwitched },
    );
  });
}
