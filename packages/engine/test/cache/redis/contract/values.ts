/** Values: found, filled under leases, and how old they are. */
import { expect } from "vitest";
import { NO_STAMP } from "../../../../src/cache/stamp.js";
import {
  ADA,
  beat,
  bytesOf,
  drop,
  fill,
  INCARNATION,
  leaseOf,
  LONG_MS,
  lookAt,
  lookOnce,
  put,
  putNext,
  stamp,
} from "../requests.js";
import { until } from "../until.js";
import { hit, type RemoteCase } from "./remote-case.js";

export const values: readonly RemoteCase[] = [
  {
    name: "a miss gives a lease, and what is filled with it is found by others, byte for byte",
    async prove({ connect }) {
      const [one, other] = [await connect(), await connect()];
      const miss = await lookOnce(one, leaseOf("first"));
      expect(miss).toEqual({ status: "miss", floor: NO_STAMP, isLeased: true });
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
      const value = { stamp: stamp(3), bytes, ttlMs: LONG_MS };
      expect(await one.fill(fill("first", 3, { value }))).toBe(true);
      const found = await lookOnce(other);
      expect(found).toMatchObject({ status: "hit", stamp: stamp(3), bytes, isTrusted: false });
      expect(found).not.toMatchObject({ expiresInMs: 0 });
    },
  },
  {
    name: "no bytes and no value are two things",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      for (const bytes of [null, new Uint8Array(0)]) {
        await remote.put(put(1, { value: { stamp: stamp(1), bytes, ttlMs: LONG_MS } }));
        expect(await lookOnce(remote)).toMatchObject({ status: "hit", stamp: stamp(1), bytes });
      }
    },
  },
  {
    name: "looks are answered in their order, however many",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      const subjects = Array.from({ length: 300 }, (_, index) => ({ group: "player", key: `p${index}` }));
      await Promise.all(subjects.map((subject, index) => remote.put(put(index + 1, { subject }))));
      const found = await remote.look(subjects.map((subject) => lookAt({ subject })));
      expect(found).toMatchObject(subjects.map((_, index) => hit(index + 1)));
      expect(await remote.look([])).toEqual([]);
    },
  },
  {
    name: "an older put is refused, the same again is not, and a later incarnation is newer whatever its version",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      expect(await remote.put(put(5))).toBe(true);
      expect(await remote.put(put(4))).toBe(false);
      expect(await lookOnce(remote)).toMatchObject(hit(5));
      expect(await remote.put(put(5))).toBe(true);
      const later = stamp(1, INCARNATION + 1);
      const value = { stamp: later, bytes: bytesOf("anew"), ttlMs: LONG_MS };
      expect(await remote.put(put(1, { value }))).toBe(true);
      expect(await remote.put(put(6))).toBe(false);
      expect(await lookOnce(remote)).toMatchObject({ status: "hit", stamp: later });
    },
  },
  {
    name: "numbers stay exact where they are large",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      const large = { incarnation: 2 ** 52 + 1, version: 2 ** 52 + 3 };
      await remote.put(put(1, { value: { stamp: large, bytes: null, ttlMs: LONG_MS } }));
      expect(await lookOnce(remote)).toMatchObject({ status: "hit", stamp: large });
      const older = { ...large, version: large.version - 1 };
      expect(await remote.put(put(1, { value: { stamp: older, bytes: null, ttlMs: LONG_MS } }))).toBe(false);
    },
  },
  {
    name: "all namespaces of a subject share its floor",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      await remote.put(put(5, { namespace: "playerStats" }));
      await remote.put(put(6));
      const floor = { status: "miss", floor: stamp(6), isLeased: false };
      expect(await lookOnce(remote, { namespace: "playerStats" })).toEqual(floor);
      await lookOnce(remote, { namespace: "playerStats", ...leaseOf("stats") });
      expect(await remote.fill(fill("stats", 5, { namespace: "playerStats" }))).toBe(false);
      const otherSubject = { group: "guild", key: ADA.key };
      expect(await lookOnce(remote, { subject: otherSubject })).toMatchObject({ floor: NO_STAMP });
    },
  },
  {
    name: "whoever was shown something newer is not given a value that is older",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      await remote.put(put(5));
      expect(await lookOnce(remote, { atLeast: stamp(5) })).toMatchObject(hit(5));
      expect(await lookOnce(remote, { atLeast: stamp(6) })).toMatchObject({
        status: "miss",
        floor: stamp(5),
      });
    },
  },
  {
    name: "a value goes when its time is over, and its floor stays",
    async prove({ connect, pass }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      await remote.put(put(5, { value: { stamp: stamp(5), bytes: bytesOf("short"), ttlMs: 20 } }));
      const gone = await until(
        () => lookOnce(remote),
        ({ status }) => status === "miss",
        pass,
      );
      expect(gone).toEqual({ status: "miss", floor: stamp(5), isLeased: false });
      expect(await remote.put(put(4))).toBe(false);
    },
  },
];

export const ages: readonly RemoteCase[] = [
  {
    name: "a value is as old as the news of it, and what was never known to be current is shown on trust alone",
    async prove({ connect }) {
      const remote = await connect();
      // The server's time isn't known yet.
      await remote.put(put(1));
      expect(await lookOnce(remote)).toMatchObject({ status: "miss" });
      const { nowMs } = await remote.beat(beat("a", 1));
      await remote.put(put(2, { ageMs: 5_000 }));
      const found = await lookOnce(remote);
      expect(found).toMatchObject(hit(2));
      if (found.status === "hit") expect(found.ageMs).toBeGreaterThanOrEqual(5_000);
      expect(await lookOnce(remote, { maxAgeMs: 4_999 })).toMatchObject({ status: "miss" });
      const trusted = { maxAgeMs: 0, trustedSinceMs: nowMs - 60_000 };
      expect(await lookOnce(remote, trusted)).toMatchObject({ ...hit(2), isTrusted: true });
      expect(await lookOnce(remote, { maxAgeMs: 0, trustedSinceMs: nowMs })).toMatchObject({
        status: "miss",
      });
    },
  },
  {
    name: "the same content told late makes a value no older, and no younger",
    async prove({ connect }) {
      const remote = await connect();
      const { nowMs } = await remote.beat(beat("a", 1));
      await remote.put(put(2, { ageMs: 1_000 }));
      await remote.put(put(2, { ageMs: 50_000 }));
      const trusted = { maxAgeMs: 0, trustedSinceMs: nowMs - 2_000 };
      expect(await lookOnce(remote, trusted)).toMatchObject({ ...hit(2), isTrusted: true });
      expect(await lookOnce(remote, { maxAgeMs: 999 })).toMatchObject({ status: "miss" });
    },
  },
  {
    name: "what was loaded is as old as its lease",
    async prove({ connect, pass }) {
      const remote = await connect();
      await lookOnce(remote, leaseOf("slow"));
      const { nowMs } = await remote.beat(beat("a", 1));
      const later = await until(
        () => remote.beat(beat("a", 2)),
        (answer) => answer.nowMs >= nowMs + 10,
        pass,
      );
      await remote.fill(fill("slow", 1));
      const trusted = { maxAgeMs: 0, trustedSinceMs: later.nowMs };
      expect(await lookOnce(remote, trusted)).toMatchObject({ status: "miss" });
      expect(await lookOnce(remote)).toMatchObject(hit(1));
    },
  },
];

export const leases: readonly RemoteCase[] = [
  {
    name: "of many one gets the lease, in each namespace",
    async prove({ connect }) {
      const [one, other] = [await connect(), await connect()];
      expect(await lookOnce(one, leaseOf("one"))).toMatchObject({ isLeased: true });
      expect(await lookOnce(other, leaseOf("other"))).toMatchObject({ isLeased: false });
      const stats = { namespace: "playerStats" };
      expect(await lookOnce(other, { ...stats, ...leaseOf("stats") })).toMatchObject({ isLeased: true });
    },
  },
  {
    name: "what is filled with something from before the lease is only as current as that was",
    async prove({ connect, pass }) {
      const remote = await connect();
      const { nowMs } = await remote.beat(beat("a", 1));
      await lookOnce(remote, leaseOf("late"));
      expect(await remote.fill(fill("late", 1, { ageMs: 1_000 }))).toBe(true);
      expect(await lookOnce(remote, { trustedSinceMs: nowMs, maxAgeMs: 0 })).toMatchObject({
        status: "miss",
      });
      expect(await lookOnce(remote, { trustedSinceMs: nowMs - 2_000, maxAgeMs: 0 })).toMatchObject(hit(1));
      // No later than the lease, whatever whoever fills says.
      await lookOnce(remote, { ...leaseOf("stats"), namespace: "playerStats" });
      const { nowMs: leasedMs } = await remote.beat(beat("a", 2));
      const later = await until(
        () => remote.beat(beat("a", 3)),
        (answer) => answer.nowMs >= leasedMs + 10,
        pass,
      );
      expect(await remote.fill(fill("stats", 1, { namespace: "playerStats", ageMs: 0 }))).toBe(true);
      const asked = { namespace: "playerStats", trustedSinceMs: later.nowMs, maxAgeMs: 0 };
      expect(await lookOnce(remote, asked)).toMatchObject({ status: "miss" });
    },
  },
  {
    name: "only the lease's token fills, and only once",
    async prove({ connect }) {
      const remote = await connect();
      expect(await remote.fill(fill("none", 1))).toBe(false);
      await lookOnce(remote, leaseOf("right"));
      expect(await remote.fill(fill("wrong", 1))).toBe(false);
      expect(await remote.fill(fill("right", 1))).toBe(true);
      expect(await remote.fill(fill("right", 2))).toBe(false);
      expect(await lookOnce(remote)).toMatchObject(hit(1));
    },
  },
  {
    name: "a put, a drop and a next value cancel the leases of all namespaces, and another can have them at once",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      const changes = [
        () => remote.put(put(1)),
        () => remote.drop(drop()),
        () => remote.putNext(putNext({ subject: ADA, namespace: "activeQueue", bytes: null })),
      ];
      for (const [index, change] of changes.entries()) {
        const [token, next] = [`t${index}`, `n${index}`];
        const stats = { namespace: `stats${index}` };
        await lookOnce(remote, { ...stats, ...leaseOf(token) });
        await change();
        const newest = stamp(9, 2 ** 51);
        const value = { stamp: newest, bytes: null, ttlMs: LONG_MS };
        expect(await remote.fill(fill(token, 9, { ...stats, value }))).toBe(false);
        await lookOnce(remote, { ...stats, ...leaseOf(next) });
        expect(await lookOnce(remote, { ...stats, ...leaseOf(`x${index}`) })).toMatchObject({
          isLeased: false,
        });
      }
    },
  },
  {
    name: "a put that is refused leaves the lease of who loads something newer",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      await remote.put(put(5));
      await lookOnce(remote, { namespace: "playerStats", ...leaseOf("load") });
      expect(await remote.put(put(4))).toBe(false);
      expect(await remote.fill(fill("load", 5, { namespace: "playerStats" }))).toBe(true);
    },
  },
  {
    name: "a lease runs out, and whoever had it fills no more",
    async prove({ connect, pass }) {
      const remote = await connect();
      expect(await lookOnce(remote, leaseOf("short", 20))).toMatchObject({ isLeased: true });
      await until(
        () => lookOnce(remote, leaseOf("next")),
        (answer) => answer.status === "miss" && answer.isLeased,
        pass,
      );
      expect(await remote.fill(fill("short", 1))).toBe(false);
      expect(await remote.fill(fill("next", 1))).toBe(true);
    },
  },
  {
    name: "a flush takes the leases with it",
    async prove({ connect, flush }) {
      const remote = await connect();
      await lookOnce(remote, leaseOf("before"));
      await flush();
      expect(await remote.fill(fill("before", 1))).toBe(false);
    },
  },
];
