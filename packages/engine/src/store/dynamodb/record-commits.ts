/** One commit of one player: one conditional UpdateItem, with whatever has to be in the history before it. */
import type { AttributeValue, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { WriteOutcome } from "../../ports.js";
import { type Sighting, writeConditionally } from "./conditional-write.js";
import { aheadKey } from "./history-keys.js";
import type { Item } from "./item-size.js";
import { expirySeconds } from "./journal-mover.js";
import { type KnownPlayer, knownChunk, newPlayer, unsavedOf } from "./known-players.js";
import type { Parts } from "./parts.js";
import { isAt, type PlayerItem } from "./player-item.js";
import { MAX_UNSAVED_BYTES, MAX_UNSAVED_EVENTS, type PreparedWrite } from "./prepared-write.js";

const COMMITTED: WriteOutcome = { status: "committed" };
const CONFLICT: WriteOutcome = { status: "conflict" };

const WHAT = "The record can't be written";

/**
 * To be called for one player at a time.
 *
 * @throws MainspringError `OVERLOADED`, `RECORD_TOO_LARGE` and others when certainly nothing was written,
 * `STORE_UNAVAILABLE` when that can't be known
 */
export async function commitOne(parts: Parts, write: PreparedWrite): Promise<WriteOutcome> {
  const { players, mover, marks } = parts;
  const ground = await groundOf(parts, write);
  if (ground === null) return CONFLICT;
  const { player } = ground;
  if (isFull(player, write)) await mover.moveNow(player);
  if (write.ahead !== null) await writeAhead(parts, write, write.ahead);
  const saved = player.chunks.filter(({ unsaved }) => unsaved === null).map(({ name }) => name);
  const update = updateOf(parts.names.players, write, { ...ground, saved });
  let outcome: "written" | "conflict";
  try {
    outcome = await writeConditionally(
      {
        what: WHAT,
        send: async () => parts.database.updateOnce(update),
        look: async () => sightingOf(await parts.lookAtPlayer(write.playerId), write),
      },
      { backoff: parts.backoff, counts: parts.database.counts },
    );
  } catch (error) {
    players.forget(write.playerId);
    throw error;
  }
  if (outcome === "conflict") {
    players.forget(write.playerId);
    return CONFLICT;
  }
  const kept = player.chunks.filter(({ name }) => !saved.includes(name));
  const own = write.chunk === null ? [] : [knownChunk(write.chunk, write.ahead)];
  player.incarnation = write.next.incarnation;
  player.version = write.next.version;
  player.chunks = [...kept, ...own];
  players.keep(player);
  mover.schedule(player);
  if (write.mark !== null) {
    const { playerId, next } = write;
    marks.add({ playerId, incarnation: next.incarnation }, { version: next.version, bytes: write.mark });
  }
  return COMMITTED;
}

interface Ground {
  readonly player: KnownPlayer;
  /** As they were read, where the record is damaged. */
  readonly raw: PlayerItem["raw"] | null;
}

/** What the write will stand on; `null` when the record is not the expected one. */
async function groundOf(parts: Parts, { playerId, expected }: PreparedWrite): Promise<Ground | null> {
  const known = parts.players.get(playerId);
  if (expected === null) {
    // Where there was a player a look tells more than a write that gets no answer: of that one nobody may be able to say whose won.
    if (known !== undefined && (await parts.lookAtPlayer(playerId)) !== null) return null;
    return { player: newPlayer(playerId), raw: null };
  }
  const isDamaged = expected.incarnation === 0 || expected.version === 0;
  if (
    known !== undefined &&
    !isDamaged &&
    known.incarnation === expected.incarnation &&
    known.version === expected.version
  ) {
    return { player: known, raw: null };
  }
  const item = await parts.lookAtPlayer(playerId);
  if (item === null || !isAt(item, expected)) return null;
  return { player: parts.players.replace(playerId, item), raw: isDamaged ? item.raw : null };
}

/** Whether the record would hold more events than it may. */
function isFull(player: KnownPlayer, { chunk, ahead }: PreparedWrite): boolean {
  const unsaved = unsavedOf(player);
  if (unsaved.eventCount === 0) return false;
  const ownCount = ahead === null ? (chunk?.eventCount ?? 0) : 0;
  const ownBytes = chunk?.value.length ?? 0;
  return (
    unsaved.eventCount + ownCount > MAX_UNSAVED_EVENTS || unsaved.sizeBytes + ownBytes > MAX_UNSAVED_BYTES
  );
}

/** Nobody sees these until a commit refers to them; those of a write that conflicts expire unseen. */
async function writeAhead(
  { writes, retentionMs }: Pick<Parts, "writes" | "retentionMs">,
  { playerId, nonce, atMs }: PreparedWrite,
  values: readonly Uint8Array[],
): Promise<void> {
  const items = values.map(
    (value, part): Item => ({
      p: { S: playerId },
      k: { S: aheadKey(nonce, part) },
      b: { B: value },
      x: { N: expirySeconds(atMs, retentionMs) },
    }),
  );
  await Promise.all(items.map(async (item) => writes.put(item, "now")));
}

interface UpdateOptions extends Ground {
  /** Attributes with events that the history has. */
  readonly saved: readonly string[];
}

function updateOf(
  table: string,
  write: PreparedWrite,
  { player, raw, saved }: UpdateOptions,
): UpdateItemCommandInput {
  const { playerId, expected, next, chunk } = write;
  const values: Record<string, AttributeValue> = {
    ":nr": { B: write.bytes },
    ":nv": { N: String(next.version) },
    ":ni": { N: String(next.incarnation) },
    ":nn": { B: write.nonce },
  };
  const names: Record<string, string> = {};
  const sets = ["r = :nr", "v = :nv", "i = :ni", "n = :nn"];
  if (expected !== null) sets.push("m = if_not_exists(n, :nn)");
  if (chunk !== null) {
    names["#e"] = chunk.name;
    values[":ne"] = { B: chunk.value };
    sets.push("#e = :ne");
  }
  const removed = saved.filter((name) => name !== chunk?.name);
  for (const [index, name] of removed.entries()) names[`#s${index}`] = name;
  const remove = removed.length > 0 ? ` REMOVE ${removed.map((_, index) => `#s${index}`).join(", ")}` : "";
  return {
    TableName: table,
    Key: { p: { S: playerId } },
    UpdateExpression: `SET ${sets.join(", ")}${remove}`,
    ConditionExpression: conditionOf(expected === null ? null : (raw ?? numbersOf(player)), values),
    ExpressionAttributeValues: values,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
  };
}

function numbersOf({ incarnation, version }: KnownPlayer): PlayerItem["raw"] {
  return { incarnation: { N: String(incarnation) }, version: { N: String(version) } };
}

/** Adds the values that it needs to `values`. */
function conditionOf(at: PlayerItem["raw"] | null, values: Record<string, AttributeValue>): string {
  if (at === null) return "attribute_not_exists(p)";
  const conditions = ["attribute_exists(p)"];
  for (const [name, value] of [["i", at.incarnation] as const, ["v", at.version] as const]) {
    if (value === undefined) conditions.push(`attribute_not_exists(${name})`);
    else {
      conditions.push(`${name} = :${name}`);
      values[`:${name}`] = value;
    }
  }
  return conditions.join(" AND ");
}

function sightingOf(item: PlayerItem | null, { nonce, expected, next }: PreparedWrite): Sighting {
  const isOurs = (one: Uint8Array | null | undefined): boolean =>
    one !== null && one !== undefined && Buffer.compare(one, nonce) === 0;
  if (isOurs(item?.nonce) || isOurs(item?.nonceBefore)) return "ours";
  if (isAt(item, expected)) return "before";
  if (isAt(item, next)) return "other";
  // One commit further, its predecessor's nonce would be ours.
  if (isAt(item, { ...next, version: next.version + 1 })) return "other";
  return "untold";
}
