/** What every second tier must do, as cases that run on each. */
import { expect } from "vitest";
import { MAX_NOTE_LENGTH, MAX_RECENT, type Remote } from "../../../src/cache/remote.js";
import { compareStamps, NO_STAMP } from "../../../src/cache/stamp.js";
import {
  ADA,
  beat,
  beatUntilTrusted,
  bytesOf,
  drop,
  fill,
  FORGET_MS,
  hear,
  INCARNATION,
  leaseOf,
  LONG_MS,
  lookAt,
  lookOnce,
  put,
  putNext,
  SHOP,
  stamp,
} from "./requests.js";
import { until } from "./until.js";

export interface RemoteFixture {
  /** Another instance's connection. The fixture closes it. */
  readonly connect: () => Promise<Remote>;
  /** Forgets everything. */
  readonly flush: () => Promise<void>;
  /** Lets a moment pass. */
  readonly pass: () => void;
}

export interface RemoteCase {
  readonly name: string;
  readonly prove: (fixture: RemoteFixture) => Promise<void>;
}

const hit = (version: number, text = `version ${version}`) => ({
  status: "hit",
  stamp: stamp(version),
  bytes: bytesOf(text),
});

const values: readonly RemoteCase[] = [
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

const ages: readonly RemoteCase[] = [
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

const leases: readonly RemoteCase[] = [
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

const changesOfOthers: readonly RemoteCase[] = [
  {
    name: "a drop takes what is not newer, in all namespaces, and keeps the floor",
    async prove({ connect }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      await remote.put(put(5));
      await remote.put(put(5, { namespace: "playerStats" }));
      await remote.drop(drop({ upTo: stamp(4) }));
      expect(await lookOnce(remote)).toMatchObject(hit(5));
      await remote.drop(drop({ upTo: stamp(5) }));
      const gone = { status: "miss", floor: stamp(5) };
      expect(await lookOnce(remote)).toMatchObject(gone);
      expect(await lookOnce(remote, { namespace: "playerStats" })).toMatchObject(gone);
      await remote.put(put(6));
      await remote.drop(drop({ upTo: null }));
      expect(await lookOnce(remote)).toMatchObject({ status: "miss", floor: stamp(6) });
    },
  },
  {
    name: "a drop may raise the floor, of a subject that nobody knew as well, and never lowers it",
    async prove({ connect }) {
      const remote = await connect();
      await remote.drop(drop({ floor: stamp(5) }));
      expect(await lookOnce(remote)).toMatchObject({ status: "miss", floor: stamp(5) });
      expect(await remote.put(put(4))).toBe(false);
      await remote.drop(drop({ floor: stamp(3) }));
      expect(await lookOnce(remote)).toMatchObject({ status: "miss", floor: stamp(5) });
    },
  },
  {
    name: "values without versions get later and later ones, after a flush as well",
    async prove({ connect, flush }) {
      const remote = await connect();
      await remote.beat(beat("a", 1));
      const seen = [await remote.putNext(putNext()), await remote.putNext(putNext({ bytes: null }))];
      const shop = { subject: SHOP, namespace: "shop" };
      expect(await lookOnce(remote, shop)).toMatchObject({ status: "hit", stamp: seen[1], bytes: null });
      const far = { incarnation: 2 ** 51, version: 7 };
      seen.push(await remote.putNext(putNext({ newerThan: far })), await remote.putNext(putNext()));
      expect(seen.slice(2)).toEqual([8, 9].map((version) => ({ ...far, version })));
      const other = { subject: { group: "shop", key: "other" } };
      const last = (await remote.putNext(putNext(other))) ?? NO_STAMP;
      expect(last.incarnation).toBeGreaterThan(INCARNATION);
      await flush();
      const afterwards = (await remote.putNext(putNext({ ...other, newerThan: last }))) ?? NO_STAMP;
      expect(compareStamps(afterwards, last)).toBeGreaterThan(0);
    },
  },
  {
    name: "a next value that comes too late, or nobody knows how late, is a drop",
    async prove({ connect }) {
      const remote = await connect();
      expect(await remote.putNext(putNext())).toBeNull();
      await remote.beat(beat("a", 1));
      const first = await remote.putNext(putNext());
      await lookOnce(remote, { subject: SHOP, namespace: "other", ...leaseOf("load") });
      expect(await remote.putNext(putNext({ withinMs: -LONG_MS }))).toBeNull();
      const shop = { subject: SHOP, namespace: "shop" };
      expect(await lookOnce(remote, shop)).toMatchObject({ status: "miss", floor: first });
      const value = { stamp: first ?? NO_STAMP, bytes: null, ttlMs: LONG_MS };
      expect(await remote.fill(fill("load", 0, { subject: SHOP, namespace: "other", value }))).toBe(false);
    },
  },
  {
    name: "everybody hears of every change, its own included, and of refusals with what there is",
    async prove({ connect }) {
      const [one, other] = [await connect(), await connect()];
      const heard = [hear(one, "a"), hear(other, "b")];
      await until(() => heard.every(({ listening }) => listening.includes(true)));
      const note = `ä☃${"n".repeat(MAX_NOTE_LENGTH - 2)}`;
      const sender = (sequence: number) => ({ sender: { member: "a", sequence } });
      await one.beat(beat("a", 1));
      await one.put(put(5, { ...sender(1), note }));
      await one.put(put(4, sender(2)));
      await one.drop(drop(sender(3)));
      const next = await one.putNext(putNext(sender(4)));
      const expected = [
        { ...sender(1), subject: ADA, stamp: stamp(5), note },
        { ...sender(2), subject: ADA, stamp: stamp(5), note: "" },
        { ...sender(3), subject: ADA, stamp: null, note: "" },
        { ...sender(4), subject: SHOP, stamp: next, note: "" },
      ];
      for (const { announcements } of heard) {
        await until(
          () => announcements,
          ({ length }) => length >= expected.length,
        );
        const inOrder = [...announcements].sort((a, b) => a.sender.sequence - b.sender.sequence);
        expect(inOrder).toEqual(expected);
      }
    },
  },
];

const membership: readonly RemoteCase[] = [
  {
    name: "a new group is trusted from its first beat on; others join without breaking it, and each is told of all",
    async prove({ connect, pass }) {
      const [one, other] = [await connect(), await connect()];
      const first = await one.beat(beat("a", 1, { sequence: 3 }));
      expect(first.trustedSinceMs).toBe(first.nowMs);
      expect(first.members).toEqual([{ member: "a", sequence: 3 }]);
      const trusted = await beatUntilTrusted(one, "a", pass);
      expect(trusted).toMatchObject({
        trustedSinceMs: first.trustedSinceMs,
        listedSinceMs: first.listedSinceMs,
      });
      const joined = await other.beat(beat("b", 1, { forgetAfterMs: FORGET_MS }));
      expect(joined.trustedSinceMs).toBe(trusted.trustedSinceMs);
      const members = ["a", "b"].map((member) => ({ member, sequence: 0 }));
      expect(joined.members).toHaveLength(members.length);
      expect(joined.members).toEqual(expect.arrayContaining(members));
    },
  },
  {
    name: "while a member is silent there is no trust, and it goes on once that one is back, or has left",
    async prove({ connect, pass }) {
      const [one, other] = [await connect(), await connect()];
      await beatUntilTrusted(one, "a", pass);
      const limits = { forgetAfterMs: FORGET_MS };
      const { nowMs } = await other.beat(beat("b", 1, limits));
      const silent = { silentAfterMs: 5, ...limits };
      let number = 1_000_000;
      const broken = await until(
        () => one.beat(beat("a", (number += 1), silent)),
        (answer) => answer.nowMs > nowMs + 5,
        pass,
      );
      expect(broken.trustedSinceMs).toBe(broken.nowMs);
      const back = await other.beat(beat("b", 2, silent));
      expect(back.trustedSinceMs).toBe(back.nowMs);
      const calm = await one.beat(beat("a", (number += 1), limits));
      expect(calm.trustedSinceMs).toBe(back.trustedSinceMs);
      await other.leave({ member: "b", sequence: 7 });
      const alone = await one.beat(beat("a", (number += 1), limits));
      expect(alone.trustedSinceMs).toBe(back.trustedSinceMs);
    },
  },
  {
    name: "what who left had told last is known to whoever beats in time, and then it is forgotten",
    async prove({ connect, pass }) {
      const [one, other] = [await connect(), await connect()];
      await other.beat(beat("b", 1));
      await other.leave({ member: "b", sequence: 7 });
      await other.leave({ member: "never there", sequence: 7 });
      const { members } = await one.beat(beat("a", 1));
      expect(members).toHaveLength(2);
      expect(members).toContainEqual({ member: "b", sequence: 7 });
      let number = 1;
      await until(
        () => one.beat(beat("a", (number += 1), { silentAfterMs: 5 })),
        (answer) => answer.members.length === 1,
        pass,
      );
    },
  },
  {
    name: "a member that was silent for long is forgotten, and when it comes back trust begins anew",
    async prove({ connect, pass }) {
      const [one, other] = [await connect(), await connect()];
      await other.beat(beat("b", 1));
      let number = 0;
      await until(
        () => one.beat(beat("a", (number += 1), { forgetAfterMs: FORGET_MS })),
        ({ members }) => members.length === 1,
        pass,
      );
      const back = await other.beat(beat("b", 2, { forgetAfterMs: FORGET_MS }));
      expect(back.trustedSinceMs).toBe(back.nowMs);
    },
  },
  {
    name: "a server that has forgotten who was there says so, and takes up whom it is told of as silent until they are back",
    async prove({ connect, flush, pass }) {
      const [one, other] = [await connect(), await connect()];
      await other.beat(beat("b", 1));
      const before = await beatUntilTrusted(one, "a", pass);
      await flush();
      pass();
      const after = await one.beat(beat("a", 100));
      expect(after.listedSinceMs).toBeGreaterThan(before.listedSinceMs);
      const silentAfterMs = 200;
      const told = await one.beat(beat("a", 101, { missed: ["b"], silentAfterMs }));
      expect(told.trustedSinceMs).toBe(told.nowMs);
      expect(told.members).toContainEqual({ member: "b", sequence: 0 });
      pass();
      const still = await one.beat(beat("a", 102));
      expect(still.members).toHaveLength(2);
      const back = await other.beat(beat("b", 2, { sequence: 4, silentAfterMs }));
      expect(back).toMatchObject({ trustedSinceMs: back.nowMs, listedSinceMs: after.listedSinceMs });
      expect(back.members).toContainEqual({ member: "b", sequence: 4 });
      pass();
      const calm = await one.beat(beat("a", 103));
      expect(calm.trustedSinceMs).toBe(back.trustedSinceMs);
    },
  },
  {
    name: "a member that has lost something ends the trust",
    async prove({ connect, pass }) {
      const remote = await connect();
      await beatUntilTrusted(remote, "a", pass);
      const limits = { forgetAfterMs: FORGET_MS };
      pass();
      const lost = await remote.beat(beat("a", 2, { isDistrusting: true, ...limits }));
      expect(lost.trustedSinceMs).toBe(lost.nowMs);
      expect(await remote.beat(beat("a", 3, limits))).toMatchObject({ trustedSinceMs: lost.trustedSinceMs });
    },
  },
  {
    name: "a flush ends the trust",
    async prove({ connect, flush, pass }) {
      const remote = await connect();
      await beatUntilTrusted(remote, "a", pass);
      await flush();
      const after = await remote.beat(beat("a", 2, { forgetAfterMs: FORGET_MS }));
      expect(after.trustedSinceMs).toBe(after.nowMs);
    },
  },
  {
    name: "a beat comes back to its own instance, and to no other",
    async prove({ connect }) {
      const [one, other] = [await connect(), await connect()];
      const heard = { a: hear(one, "a"), b: hear(other, "b") };
      await until(() => Object.values(heard).every(({ listening }) => listening.includes(true)));
      await one.beat(beat("a", 1));
      await other.beat(beat("b", 7));
      await one.beat(beat("a", 2));
      await until(
        () => heard,
        ({ a, b }) => a.echoes.length === 2 && b.echoes.length === 1,
      );
      expect([heard.a.echoes, heard.b.echoes]).toEqual([[1, 2], [7]]);
    },
  },
];

const recency: readonly RemoteCase[] = [
  {
    name: "who was active last is remembered first, with the latest time, and the oldest are forgotten",
    async prove({ connect }) {
      const remote = await connect();
      await remote.noteRecent([
        { key: "ada", atMs: 3 },
        { key: "bob", atMs: 2 },
        { key: "eve", atMs: 1 },
      ]);
      await remote.noteRecent([
        { key: "eve", atMs: 4 },
        { key: "ada", atMs: 1 },
      ]);
      expect(await remote.readRecent(10)).toEqual(["eve", "ada", "bob"]);
      expect(await remote.readRecent(2)).toEqual(["eve", "ada"]);
      expect(await remote.readRecent(0)).toEqual([]);
      const crowd = Array.from({ length: MAX_RECENT - 1 }, (_, index) => ({
        key: `p${index}`,
        atMs: index + 10,
      }));
      await remote.noteRecent(crowd);
      const all = await remote.readRecent(MAX_RECENT + 10);
      expect(all).toHaveLength(MAX_RECENT);
      expect(all.slice(-2)).toEqual(["p0", "eve"]);
    },
  },
];

const closing: readonly RemoteCase[] = [
  {
    name: "after close every call fails, and nothing is heard any more",
    async prove({ connect }) {
      const [one, other] = [await connect(), await connect()];
      const heard = hear(one, "a");
      await until(() => heard.listening.includes(true));
      await one.close();
      const failure = { code: "STORE_UNAVAILABLE" };
      await expect(one.look([lookAt()])).rejects.toMatchObject(failure);
      await expect(one.beat(beat("a", 1))).rejects.toMatchObject(failure);
      await other.put(put(1));
      expect(heard).toMatchObject({ announcements: [], listening: [true] });
    },
  },
];

export const remoteCases: readonly RemoteCase[] = [
  ...values,
  ...ages,
  ...leases,
  ...changesOfOthers,
  ...membership,
  ...recency,
  ...closing,
];
