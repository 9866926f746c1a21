/** What instances tell each other, who was active, and the end. */
import { expect } from "vitest";
import { MAX_NOTE_LENGTH, MAX_RECENT } from "../../../../src/cache/remote.js";
import { compareStamps, NO_STAMP } from "../../../../src/cache/stamp.js";
import {
  ADA,
  beat,
  drop,
  fill,
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
} from "../requests.js";
import { until } from "../until.js";
import { hit, type RemoteCase } from "./remote-case.js";

export const changesOfOthers: readonly RemoteCase[] = [
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

export const recency: readonly RemoteCase[] = [
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

export const closing: readonly RemoteCase[] = [
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
