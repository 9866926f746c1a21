import { RULES_VERSION } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import type { Store, StoredRecord } from "../../src/ports.js";
import { RECORD_FORMAT, sealHeader } from "../../src/record/header.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { enqueue, openEngine, OWN } from "../support/open-engine.js";

/** Replaces a stored record's bytes behind the engine's back: another version, as another process would write it. */
async function tamper(
  store: Store,
  playerId: string,
  change: (bytes: Uint8Array) => void,
): Promise<StoredRecord> {
  const [record] = await store.read([playerId]);
  if (record === undefined || record === null) throw new Error("no such record");
  const bytes = Uint8Array.from(record.bytes);
  change(bytes);
  const next = { ...record, version: record.version + 1, bytes };
  await store.commit([{ expected: record, next, events: [] }]);
  return next;
}

describe("a record that a newer release wrote", () => {
  it.each([
    [
      "format",
      (bytes: Uint8Array) => sealHeader(bytes, { format: RECORD_FORMAT + 1, rulesVersion: RULES_VERSION }),
    ],
    [
      "rules version",
      (bytes: Uint8Array) => sealHeader(bytes, { format: RECORD_FORMAT, rulesVersion: RULES_VERSION + 1 }),
    ],
  ])("in a newer %s is refused retryably and left alone", async (_, change) => {
    const store = createMemoryStore();
    const { engine } = await openEngine({ store });
    await engine.read("ada", OWN);
    const newer = await tamper(store, "ada", change);
    await expect(engine.read("ada", OWN)).rejects.toMatchObject({ code: "UPGRADE_REQUIRED" });
    await expect(engine.apply("ada", enqueue("mine"), OWN)).rejects.toMatchObject({
      code: "UPGRADE_REQUIRED",
    });
    expect(await store.read(["ada"])).toEqual([newer]);
    expect(await store.quarantined(10)).toEqual([]);
  });
});

describe("a damaged record", () => {
  it("is put in quarantine untouched, and the others notice nothing", async () => {
    const store = createMemoryStore();
    const { engine, clock } = await openEngine({ store });
    await engine.read("ada", OWN);
    await engine.apply("bob", enqueue("mine", 10), OWN);
    const damaged = await tamper(store, "ada", (bytes) => {
      const last = bytes.length - 1;
      bytes[last] = (bytes[last] ?? 0) ^ 1;
    });
    clock.advance(3_000);
    const [ada, bob] = await Promise.allSettled([
      engine.apply("ada", enqueue("mine"), OWN),
      engine.read("bob", OWN),
    ]);
    expect(ada).toMatchObject({ status: "rejected", reason: { code: "RECORD_CORRUPT" } });
    expect(bob).toMatchObject({ status: "fulfilled" });
    expect(await store.read(["ada"])).toEqual([damaged]);
    await expect(engine.read("ada")).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
    expect(await store.quarantined(10)).toMatchObject([{ record: damaged }]);
  });
});
