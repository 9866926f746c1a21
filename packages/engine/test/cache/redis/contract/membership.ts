/** Who lives, and since when what is stored may be trusted. */
import { expect } from "vitest";
import { beat, beatUntilTrusted, FORGET_MS, hear } from "../requests.js";
import { until } from "../until.js";
import type { RemoteCase } from "./remote-case.js";

export const membership: readonly RemoteCase[] = [
  {
    name: "a new list is trusted once whoever isn't on it would be forgotten; others join without breaking it, and each is told of all",
    async prove({ connect, pass }) {
      const [one, other] = [await connect(), await connect()];
      const first = await one.beat(beat("a", 1, { sequence: 3 }));
      expect(first.trustedSinceMs).toBe(first.nowMs);
      expect(first.members).toEqual([{ member: "a", sequence: 3 }]);
      const trusted = await beatUntilTrusted(one, "a", pass);
      expect(first.isComplete).toBe(false);
      expect(trusted).toMatchObject({ isComplete: true, isWhole: true });
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
    name: "a server that has forgotten who was there is trusted by nobody until whoever isn't back would be forgotten",
    async prove({ connect, flush, pass }) {
      const [one, other] = [await connect(), await connect()];
      await other.beat(beat("b", 1));
      await beatUntilTrusted(one, "a", pass);
      await flush();
      for (let number = 100; number < 103; number += 1) {
        pass();
        const after = await one.beat(beat("a", number));
        expect(after).toMatchObject({ trustedSinceMs: after.nowMs, isWhole: false, isComplete: false });
        expect(after.members).toEqual([{ member: "a", sequence: 0 }]);
      }
      await beatUntilTrusted(one, "a", pass);
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
