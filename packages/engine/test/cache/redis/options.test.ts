/** Options that can't be meant are told by name, before anything is connected; what is heard on the channel must be ours. */
import { describe, expect, it } from "vitest";
import { announcementTail, parseAnnouncement } from "../../../src/cache/redis/announcement-codec.js";
import { openRedis } from "../../../src/cache/redis/index.js";

describe("options of Redis", () => {
  const secret = "s3cret";
  it.each([
    [{ host: `redis://me:${secret}@there` }, "host must be"],
    [{ host: "" }, "host must be"],
    [{ port: 0 }, "port must be"],
    [{ port: "6379" }, "port must be"],
    [{ clusterNodes: [] }, "clusterNodes must be"],
    [
      {
        clusterNodes: [
          { host: "a", port: 1 },
          { host: `${secret}@b`, port: 70_000 },
        ],
      },
      "clusterNodes[1].host",
    ],
    [{ clusterNodes: [null] }, "clusterNodes[0].port"],
    [{ username: "me" }, "username needs a password"],
    [{ password: 17 }, "password must be"],
    [{ tls: { ca: "./ca.pem" } }, "tls must be"],
    [{ tls: "yes" }, "tls must be"],
    [{ keyPrefix: "x".repeat(65) }, "keyPrefix must be"],
    [{ connectTimeoutMs: 0.5 }, "connectTimeoutMs must be"],
  ])("%j", async (options, message) => {
    const failure = await openRedis(options as object).then(
      () => null,
      (error: Error) => error,
    );
    expect(failure).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(message) as string,
    });
    expect(failure?.message).not.toContain(secret);
  });

  it("all mistakes are told at once", async () => {
    const failure = openRedis({ port: -1, keyPrefix: 5 } as object);
    await expect(failure).rejects.toThrow(/port must be .*; keyPrefix must be/u);
  });
});

describe("what is heard on the channel", () => {
  const sender = { member: "a\nb", sequence: 7 };
  const subject = { group: "player", key: "ada" };
  it("comes back as it was told", () => {
    const tail = announcementTail(sender, subject, "a note");
    const told = { sender, subject, note: "a note" };
    expect(parseAnnouncement(`-\n${tail}`)).toEqual({ ...told, stamp: null });
    const stamp = { incarnation: 1_700_000_000_000, version: 3 };
    expect(parseAnnouncement(`1700000000000:3\n${tail}`)).toEqual({ ...told, stamp });
  });
  it.each([
    "",
    "-",
    "-\n",
    "-\n{}",
    "1:\n[]",
    "x\n[]",
    '-\n["a",1,"g","k"]',
    '-\n["a","1","g","k",""]',
    "1:2\nnull",
  ])("is none of ours: %j", (message) => {
    expect(parseAnnouncement(message)).toBeNull();
  });
});
