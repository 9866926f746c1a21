/** Who lives, and since when what is stored may be trusted. */
import { expect } from "vitest";
import { beat, beatUntilTrusted, FORGET_MS, hear } from "../requests.js";
import { until } from "../until.js";
import type { RemoteCase } from "./remote-case.js";

export const membership: readonly RemoteCase[] = [
  {
    name: "a list that nobody bears witness of is trusted once whoever isn't on it would be forgotten; others join without breaking it, and each is told of all",
    async prove({ connect, pass }) {
      const [one, other] = [await connect(), await connect()];
      const first = await one.beat(beat("a", 1, { sequence: 3 }));
      expect(first.trustedSinceMs).toBe(first.nowMs);
      expect(first.members).toEqual([{ member: "a", sequence: 3 }]);
      const trusted = await beatUntilTrusted(one, "a", pass);
      expect(first.isComplete).toBe(false);
      expect(trusted).toMatchObject({ isComplete: true, listedSinceMs: first.listedSinceMs });
      expect(trusted.trustedSinceMs).toBeGreaterThan(first.nowMs + FORGET_MS);
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
      const told = await one.beat(beat("a", 101, { missed: ["b"], isWitness: true, silentAfterMs }));
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
    name: "a list is trusted from the beat on in which a witness says that nobody else was there",
    async prove({ connect, pass }) {
      const [one, other] = [await connect(), await connect()];
      await one.beat(beat("a", 1));
      pass();
      // Who tells of others, and doesn't know all of them, is no witness.
      const told = await one.beat(beat("a", 2, { missed: ["a", "b"] }));
      expect(told).toMatchObject({ trustedSinceMs: told.nowMs, isComplete: false });
      pass();
      const witnessed = await other.beat(beat("b", 9, { isWitness: true }));
      expect(witnessed).toMatchObject({ trustedSinceMs: witnessed.nowMs, isWhole: false, isComplete: true });
      pass();
      const after = await one.beat(beat("a", 3));
      expect(after).toMatchObject({ trustedSinceMs: witnessed.nowMs, isWhole: true, isComplete: true });
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
