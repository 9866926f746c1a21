/** Clients that roam between instances. Each does one thing at a time, and remembers the newest that it was shown or has written. */
import { MainspringError } from "@mainspring/core";
import type { StoredRecord } from "../../../src/ports.js";
import type { Play, Reading, Session } from "./history-face.js";
import type { PlayedInstance } from "./instance.js";
import { createFloors } from "./truth.js";

const MAX_COMMIT_ATTEMPTS = 4;
const MAX_ROAMING_MS = 3;
const ROAM_RATE = 0.3;
const ANEW_RATE = 0.05;
const PAIR_RATE = 0.1;
const DELETE_RATE = 0.4;

export async function runSession(history: Play, name: string): Promise<void> {
  const { world, settings } = history;
  const random = history.randomOf(name);
  const session: Session = { name, random, shown: createFloors(), stamps: new Map() };
  let instance: PlayedInstance | null = null;
  while (!history.isOver()) {
    await world.wait(random.between(0.5, 2 * settings.thinkMs * history.slowness()));
    const open = history.instances().filter(({ isLeaving, process }) => process.isAlive() && !isLeaving);
    if (open.length === 0) continue;
    const isGone = instance === null || !open.includes(instance);
    const chosen: PlayedInstance =
      isGone || random.chance(ROAM_RATE) || instance === null ? random.pick(open) : instance;
    instance = chosen;
    await oneRequest(history, session, chosen);
  }
}

/** A request that ends when it was answered, or when the instance is no more. */
async function oneRequest(history: Play, session: Session, instance: PlayedInstance): Promise<void> {
  const { random } = session;
  const operation = chooseOperation(history, session, instance);
  await new Promise<void>((resolve) => {
    const callOff = instance.process.onDeath(resolve);
    instance.process.deliver(random.between(0.05, MAX_ROAMING_MS), () => {
      // It was taken out of service while the request was on its way.
      if (instance.isLeaving) {
        callOff();
        resolve();
        return;
      }
      void answer(history, instance, operation).finally(() => {
        callOff();
        resolve();
      });
    });
  });
}

async function answer(history: Play, instance: PlayedInstance, { what, start }: Operation): Promise<void> {
  const done = history.watch(instance, what);
  try {
    await start();
  } catch (error) {
    history.fail(instance, what, error);
  } finally {
    done();
  }
}

interface Operation {
  readonly what: string;
  readonly start: () => Promise<void>;
}

function chooseOperation(history: Play, session: Session, instance: PlayedInstance): Operation {
  const { random } = session;
  const { settings } = history;
  const isWrite = random.chance(settings.writeRate) && !history.isQuiet();
  if (random.chance(settings.thingRate)) {
    const key = random.pick(settings.keys);
    if (!isWrite) return { what: `get ${key}`, start: async () => getThing(history, session, instance, key) };
    const isDelete = random.chance(DELETE_RATE);
    return {
      what: `${isDelete ? "delete" : "set"} ${key}`,
      start: async () => changeThing(history, session, { instance, key, isDelete }),
    };
  }
  const playerId = random.pick(settings.playerIds);
  if (isWrite) {
    return { what: `commit ${playerId}`, start: async () => commit(history, session, instance, playerId) };
  }
  const reading: Reading = random.chance(settings.strongRate)
    ? "strong"
    : random.pick<Reading>(["session", "session", "session", "plain", "eventual"]);
  const others = random.chance(PAIR_RATE)
    ? settings.playerIds.filter((id) => id !== playerId).slice(0, 1)
    : [];
  return {
    what: `read ${playerId}`,
    start: async () => {
      await read(history, session, {
        instance,
        playerIds: [playerId, ...others],
        reading: others.length > 0 && reading === "session" ? "plain" : reading,
      });
    },
  };
}

/** As the engine does: what is at hand first. */
async function read(
  history: Play,
  session: Session,
  request: {
    readonly instance: PlayedInstance;
    readonly playerIds: readonly string[];
    readonly reading: Reading;
  },
): Promise<StoredRecord | null> {
  const { instance, playerIds } = request;
  const isForgetful = history.settings.isForgetful && request.reading === "session";
  const reading = isForgetful ? "plain" : request.reading;
  const begun = playerIds.map((playerId) =>
    history.beginRead(instance, session, { subject: playerId, reading }),
  );
  const [playerId] = playerIds;
  if (playerId === undefined) throw new Error("A read of nobody.");
  const atLeast = reading === "session" ? session.stamps.get(playerId) : undefined;
  const isAlone = playerIds.length === 1;
  const peeked = reading === "strong" || !isAlone ? undefined : instance.store.peek?.(playerId, atLeast);
  if (peeked !== undefined) {
    history.countHit(instance);
    begun[0]?.end(peeked, "peeked");
    remember(session, playerId, peeked);
    return peeked;
  }
  const records = await instance.store.read(playerIds, {
    consistency: reading === "session" || reading === "plain" ? "cached" : reading,
    ...(atLeast !== undefined && { atLeast }),
  });
  for (const [index, id] of playerIds.entries()) {
    const record = records[index] ?? null;
    begun[index]?.end(record, isAlone ? reading : `${reading}, together`);
    remember(session, id, record);
  }
  return records[0] ?? null;
}

function remember(session: Session, playerId: string, record: StoredRecord | null): void {
  if (record === null) return;
  const { incarnation, version } = record;
  const before = session.stamps.get(playerId);
  const isNewer =
    before === undefined ||
    incarnation > before.incarnation ||
    (incarnation === before.incarnation && version > before.version);
  if (isNewer) session.stamps.set(playerId, { incarnation, version });
}

/** As commands do: from what the cache has, held under its version, and again from the store itself after a conflict. */
async function commit(
  history: Play,
  session: Session,
  instance: PlayedInstance,
  playerId: string,
): Promise<void> {
  const { random } = session;
  const isAnew = random.chance(ANEW_RATE);
  for (let attempt = 0; attempt < MAX_COMMIT_ATTEMPTS; attempt += 1) {
    const reading = attempt === 0 ? "session" : "strong";
    const base = await read(history, session, { instance, playerIds: [playerId], reading });
    const next = history.nextRecord(playerId, base, isAnew);
    const expected = base === null ? null : { incarnation: base.incarnation, version: base.version };
    const told = history.beginCommit(instance, next);
    try {
      const [outcome] = await instance.store.commit([{ expected, next, events: [] }]);
      if (outcome?.status === "committed") {
        told("committed", session);
        remember(session, playerId, next);
        return;
      }
      told("conflict", session);
    } catch (error) {
      told("unknown", session);
      if (!(error instanceof MainspringError)) throw error;
      if (random.chance(0.5)) throw error;
    }
  }
}

async function getThing(
  history: Play,
  session: Session,
  instance: PlayedInstance,
  key: string,
): Promise<void> {
  const begun = history.beginGet(instance, session, key);
  const peeked = session.random.chance(0.5) ? instance.things.peek(key) : undefined;
  if (peeked !== undefined) {
    history.countHit(instance);
    begun.end(peeked, "peeked");
    return;
  }
  const got = await instance.things.get(key, async () => history.loadThing(instance, key));
  begun.end(got, "got");
}

async function changeThing(
  history: Play,
  session: Session,
  {
    instance,
    key,
    isDelete,
  }: { readonly instance: PlayedInstance; readonly key: string; readonly isDelete: boolean },
): Promise<void> {
  // A game's own writers of one key take turns; who comes between them reads instead.
  const change = await history.beginChange(instance, key, isDelete && session.random.chance(0.5));
  if (change === null) return;
  if (isDelete || change.value === null) await instance.things.delete(key);
  else await instance.things.set(key, change.value);
  change.end(session);
}
