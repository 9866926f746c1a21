/** Settings, each document in an item of its own, replaced under its version. */
import { randomBytes } from "node:crypto";
import type { Store } from "../../ports.js";
import { assertSettings, assertSettingsName } from "../check-keys.js";
import { writeConditionally } from "./conditional-write.js";
import type { Call } from "./database.js";
import { NONCE_BYTES } from "./event-chunks.js";
import type { Item } from "./item-size.js";
import type { Parts } from "./parts.js";

const READ: Call = { what: "The settings can't be read" };
const WRITE = "The settings can't be stored";

export function createSettings(parts: Parts): Pick<Store, "readSettings" | "putSettings"> {
  return {
    async readSettings(name) {
      assertSettingsName(name);
      const item = await readItem(parts, name);
      return item && { version: versionOf(item), document: item["d"]?.S ?? "" };
    },
    async putSettings(name, document, expectedVersion) {
      assertSettings(name, document);
      return replace(parts, { name, document, expectedVersion });
    },
  };
}

function keyOf(name: string): Item {
  return { p: { S: `settings ${name}` }, k: { S: "document" } };
}

async function readItem({ database, names }: Parts, name: string): Promise<Item | null> {
  return database.get({ TableName: names.content, Key: keyOf(name), ConsistentRead: true }, READ);
}

function versionOf(item: Item | null): number {
  return Number(item?.["v"]?.N ?? 0);
}

interface Replacement {
  readonly name: string;
  readonly document: string;
  readonly expectedVersion: number;
}

async function replace(parts: Parts, { name, document, expectedVersion }: Replacement): Promise<boolean> {
  const { database, names, backoff } = parts;
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  const isFirst = expectedVersion === 0;
  const update = {
    TableName: names.content,
    Key: keyOf(name),
    UpdateExpression: "SET v = :version, d = :document, n = :nonce",
    ConditionExpression: isFirst ? "attribute_not_exists(p)" : "v = :expected",
    ExpressionAttributeValues: {
      ":version": { N: String(expectedVersion + 1) },
      ":document": { S: document },
      ":nonce": { S: nonce },
      ...(!isFirst && { ":expected": { N: String(expectedVersion) } }),
    },
  };
  const outcome = await writeConditionally(
    {
      what: WRITE,
      send: async () => database.updateOnce(update),
      async look() {
        const item = await readItem(parts, name);
        if (item?.["n"]?.S === nonce) return "ours";
        const version = versionOf(item);
        if (version === expectedVersion) return "before";
        // Whoever replaced what may have been ours leaves no trace of it.
        return version === expectedVersion + 1 ? "other" : "untold";
      },
    },
    { backoff, counts: database.counts },
  );
  return outcome === "written";
}
