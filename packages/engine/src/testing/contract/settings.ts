/** The contract's sentences about settings that all instances share. */
import assert from "node:assert/strict";
import { MAX_SETTINGS_BYTES } from "../../ports.js";
import type { Clause } from "./fixture.js";

const RIVAL_COUNT = 20;

export const settingsClauses: readonly Clause[] = [
  {
    name: "keeps settings under their name and version, and knows no others",
    async prove({ store }) {
      assert.equal(await store.readSettings("flags"), null);
      assert.equal(await store.putSettings("flags", '{"text":"Gießerei ⚙"}', 0), true);
      assert.deepEqual(await store.readSettings("flags"), {
        version: 1,
        document: '{"text":"Gießerei ⚙"}',
      });
      assert.equal(await store.readSettings("flag"), null);
    },
  },
  {
    name: "replaces settings only under the version they have",
    async prove({ store }) {
      assert.equal(await store.putSettings("flags", "1", 1), false);
      assert.equal(await store.readSettings("flags"), null);
      assert.equal(await store.putSettings("flags", "1", 0), true);
      assert.equal(await store.putSettings("flags", "2", 0), false);
      assert.equal(await store.putSettings("flags", "2", 1), true);
      assert.equal(await store.putSettings("flags", "3", 1), false);
      assert.deepEqual(await store.readSettings("flags"), { version: 2, document: "2" });
    },
  },
  {
    name: "lets one of many rivals replace settings",
    async prove({ store }) {
      await store.putSettings("flags", "first", 0);
      const rivals = Array.from({ length: RIVAL_COUNT }, (_, rival) => rival);
      const outcomes = await Promise.all(
        rivals.map(async (rival) => store.putSettings("flags", String(rival), 1)),
      );
      assert.equal(outcomes.filter((isStored) => isStored).length, 1);
      const document = String(outcomes.indexOf(true));
      assert.deepEqual(await store.readSettings("flags"), { version: 2, document });
    },
  },
  {
    name: "takes settings as large as allowed, and refuses larger ones and odd names",
    async prove({ store }) {
      const largest = "x".repeat(MAX_SETTINGS_BYTES);
      assert.equal(await store.putSettings("flags", largest, 0), true);
      assert.equal((await store.readSettings("flags"))?.document.length, MAX_SETTINGS_BYTES);
      await assert.rejects(store.putSettings("flags", `${largest}x`, 1), { code: "INVALID_REQUEST" });
      await assert.rejects(store.putSettings("Flags", "{}", 0), { code: "INVALID_REQUEST" });
      await assert.rejects(store.readSettings(""), { code: "INVALID_REQUEST" });
    },
  },
];
