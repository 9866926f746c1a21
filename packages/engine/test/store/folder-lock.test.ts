/** One server per data folder: with real processes, that are really killed. */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { openSocketRoute } from "../../src/store/lmdb/socket-route.js";
import { startProcess, type StoreProcess } from "./store-process.js";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.js";

const STARTER_COUNT = 6;
const RACE_ROUNDS = 4;

let temporary: TemporaryFolder;
let folder: string;
let started: StoreProcess[];

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, "data");
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map(async (owner) => owner.kill()));
  temporary.remove();
});

function start(): StoreProcess {
  const owner = startProcess("folder-owner.mjs", { folder });
  started.push(owner);
  return owner;
}

async function startOwner(): Promise<StoreProcess> {
  const owner = start();
  expect(await owner.said(() => true)).toBe("open");
  return owner;
}

async function expectInUse(): Promise<void> {
  await expect(openLmdbStore({ folder })).rejects.toMatchObject({
    code: "DATA_FOLDER_IN_USE",
    message: expect.stringMatching(
      /Another server runs on the data folder .*data\. Stop it first, or .*--data/,
    ),
  });
}

describe("a data folder", () => {
  it("belongs to one process: another is told so, and can't disturb it", async () => {
    const owner = await startOwner();
    await expectInUse();
    const second = start();
    expect(await second.said(() => true)).toMatch(/^refused DATA_FOLDER_IN_USE /);
    owner.say("commit");
    expect(await owner.said((line) => line !== "open")).toBe("committed");
  });

  it("is refused to a second store in the same process, which leaves the first one working", async () => {
    const store = await openLmdbStore({ folder });
    await expectInUse();
    const next = { playerId: "ada", incarnation: 1, version: 1, bytes: new Uint8Array(1) };
    expect(await store.commit([{ expected: null, next, events: [] }])).toEqual([{ status: "committed" }]);
    await store.close();
  });

  it("goes to exactly one of several stores that one process opens at once", async () => {
    const opened = await Promise.allSettled(
      Array.from({ length: STARTER_COUNT }, async () => openLmdbStore({ folder })),
    );
    const stores = opened.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(stores).toHaveLength(1);
    await Promise.all(stores.map(async (store) => store.close()));
  });

  it("is free again once its owner has closed it", async () => {
    const owner = await startOwner();
    owner.say("close");
    await owner.said((line) => line === "closed");
    await (await openLmdbStore({ folder })).close();
    expect(readdirSync(folder)).toEqual(["store"]);
  });

  it("is taken over at once from an owner that was killed, with nothing to clean up by hand", async () => {
    for (let round = 0; round < RACE_ROUNDS; round += 1) {
      const owner = await startOwner();
      await owner.kill();
    }
    const store = await openLmdbStore({ folder });
    expect(readdirSync(folder).filter((name) => name !== "store")).toHaveLength(1);
    await store.close();
  });

  it("stays with an owner that is only stopped, or busy", async () => {
    const owner = await startOwner();
    owner.signal("SIGSTOP");
    try {
      await expectInUse();
    } finally {
      owner.signal("SIGCONT");
    }
  });

  it("goes to exactly one of several that start at once, in a new folder and after a kill", async () => {
    for (let round = 0; round < RACE_ROUNDS; round += 1) {
      const starters = Array.from({ length: STARTER_COUNT }, start);
      const answers = await Promise.all(starters.map(async (starter) => starter.said(() => true)));
      const refused = answers.filter((answer) => answer.startsWith("refused DATA_FOLDER_IN_USE "));
      expect({ open: answers.filter((answer) => answer === "open").length, refused: refused.length }).toEqual(
        {
          open: 1,
          refused: STARTER_COUNT - 1,
        },
      );
      await Promise.all(starters.map(async (starter) => starter.kill()));
    }
  });

  it("takes no process id for a sign of life: an owner's name that nobody listens on is free", async () => {
    const owner = await startOwner();
    await owner.kill();
    // A file where the dead owner's socket was, as a backup might bring it back.
    const name = readdirSync(folder).find((entry) => entry.startsWith("owner-"));
    rmSync(join(folder, String(name)));
    writeFileSync(join(folder, String(name)), String(process.pid));
    await (await openLmdbStore({ folder })).close();
  });

  it("can be copied while nobody runs on it, and the copy has an owner of its own", async () => {
    await (await openLmdbStore({ folder })).close();
    const copy = join(temporary.path, "copy");
    cpSync(folder, copy, { recursive: true });
    const store = await openLmdbStore({ folder });
    const other = await openLmdbStore({ folder: copy });
    await store.close();
    await other.close();
  });

  it("lets an owner whose socket was deleted write nothing more once another has taken over", async () => {
    const owner = await startOwner();
    owner.say("commit");
    await owner.said((line) => line === "committed");
    for (const name of readdirSync(folder)) if (name.startsWith("owner-")) rmSync(join(folder, name));

    const store = await openLmdbStore({ folder });
    owner.say("commit");
    expect(await owner.said((line) => line.startsWith("failed"))).toMatch(
      /^failed STORE_UNAVAILABLE Another server has taken over this data folder/,
    );
    const [found] = await store.read(["ada"]);
    expect(found?.version).toBe(1);
    await store.close();
  });

  it("may have a path longer than a socket's may be", async () => {
    folder = join(temporary.path, "a-long-name".repeat(20), "data");
    const owner = await startOwner();
    await expectInUse();
    await owner.kill();
    await (await openLmdbStore({ folder })).close();
    expect(readdirSync(folder)).toEqual(["store"]);
  });
});

describe("the way to a socket in a folder with a long path", () => {
  it("works through a descriptor, and through a short link where there is no folder of descriptors", async () => {
    const long = join(temporary.path, "a-long-name".repeat(20));
    mkdirSync(long, { recursive: true });
    for (const descriptorFolder of ["/proc/self/fd", join(temporary.path, "missing")]) {
      const route = openSocketRoute(long, { nameBytes: 6, descriptorFolder });
      const server = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => {
        server.listen(route.pathOf("socket"), resolve);
      });
      expect(existsSync(join(long, "socket"))).toBe(true);
      await new Promise<void>((resolve, reject) => {
        const socket = connect(route.pathOf("socket"), () => {
          socket.destroy();
          resolve();
        });
        socket.once("error", reject);
      });
      await new Promise((resolve) => {
        server.close(resolve);
      });
      route.close();
    }
  });
});
