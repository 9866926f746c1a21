/** What the LMDB store says to folders and files that it can't use. It never touches what it doesn't understand. */
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEnvironment } from "../../src/store/lmdb/environment.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.js";

const PAGE_BYTES = 4_096;
/** Where a meta page says which page is the last. */
const LAST_PAGE_OFFSET = 144;

let temporary: TemporaryFolder;
let folder: string;

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, "data");
});

afterEach(() => {
  temporary.remove();
});

async function makeStore(playerCount: number): Promise<string> {
  const store = await openLmdbStore({ folder });
  const writes = Array.from({ length: playerCount }, (_, index) => ({
    expected: null,
    next: { playerId: `player-${index}`, incarnation: 1, version: 1, bytes: new Uint8Array(900) },
    events: [],
  }));
  await store.commit(writes);
  await store.close();
  return join(folder, "store", "data.mdb");
}

/** Says in the meta pages that there are more pages than the file has. */
function countMorePages(content: Buffer): Buffer {
  for (const meta of [0, PAGE_BYTES]) {
    const lastPageAt = meta + LAST_PAGE_OFFSET;
    content.writeBigUInt64LE(content.readBigUInt64LE(lastPageAt) + 10n, lastPageAt);
  }
  return content;
}

async function expectRefused(code: string, message: RegExp): Promise<void> {
  await expect(openLmdbStore({ folder })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
}

describe("the LMDB store", () => {
  it("makes the data folder with its parents, readable by its user alone", async () => {
    folder = join(temporary.path, "some", "where", "data");
    const store = await openLmdbStore({ folder });
    await store.close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "store", "data.mdb")).mode & 0o777).toBe(0o600);
  });

  it("refuses a file in the folder's place, and one in the place of a parent", async () => {
    writeFileSync(join(temporary.path, "file"), "not a folder");
    folder = join(temporary.path, "file");
    await expectRefused("CONFIG_INVALID", /not a folder/);
    folder = join(temporary.path, "file", "data");
    await expectRefused("CONFIG_INVALID", /not a folder/);
  });

  it("refuses a store of a newer format, and leaves it alone", async () => {
    const path = await makeStore(1);
    const { root, tables } = await openEnvironment({ folder });
    tables.meta.transactionSync(() => {
      void tables.meta.put("format", Buffer.from(JSON.stringify({ format: 2 })));
    });
    await root.close();
    const before = readFileSync(path);
    await expectRefused("UPGRADE_REQUIRED", /has format 2; this release knows 1/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("refuses a data file that is no store, or another program's, and leaves it alone", async () => {
    const path = join(folder, "store", "data.mdb");
    mkdirSync(join(folder, "store"), { recursive: true });
    writeFileSync(path, "something else entirely ".repeat(1_000));
    const before = readFileSync(path);
    await expectRefused("STORE_UNAVAILABLE", /no LMDB data file/);
    expect(readFileSync(path).equals(before)).toBe(true);
    truncateSync(path, 10);
    await expectRefused("STORE_UNAVAILABLE", /no LMDB data file/);

    folder = join(temporary.path, "foreign");
    const foreign = open({ path: join(folder, "store"), noSubdir: false });
    await foreign.put("key", "value");
    await foreign.close();
    await expectRefused("STORE_UNAVAILABLE", /not one of Mainspring/);
  });

  it("refuses a data file that was cut short, instead of dying on a read", async () => {
    const path = await makeStore(500);
    const whole = readFileSync(path);
    for (const keptBytes of [64 * 1024, whole.length - PAGE_BYTES]) {
      writeFileSync(path, whole.subarray(0, keptBytes));
      await expectRefused("STORE_UNAVAILABLE", /cut short: restore a copy/);
    }
    writeFileSync(path, whole);
    await (await openLmdbStore({ folder })).close();
  });

  it("opens a data file whose last pages are free and were never written", async () => {
    const path = await makeStore(500);
    writeFileSync(path, countMorePages(readFileSync(path)));
    const store = await openLmdbStore({ folder });
    expect((await store.read(["player-0", "player-499"])).map((found) => found?.version)).toEqual([1, 1]);
    await store.close();
  });

  it("refuses a data file in which a circle of pages was written over the tree", async () => {
    const path = await makeStore(500);
    const content = countMorePages(readFileSync(path));
    for (let page = 2; page < content.length / PAGE_BYTES; page += 1) {
      // Every page a branch with one child: itself.
      const at = page * PAGE_BYTES;
      content.writeUInt16LE(1, at + 18);
      content.writeUInt16LE(2, at + 20);
      content.writeUInt16LE(100, at + 24);
      content.writeUInt16LE(page, at + 124);
      content.writeUInt32LE(0, at + 126);
    }
    writeFileSync(path, content);
    await expectRefused("STORE_UNAVAILABLE", /damaged: restore a copy/);
  });
});
