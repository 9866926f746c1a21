/**
 * One server per data folder.
 *
 * The owner listens on a Unix socket in the folder, under a random name, and that name stands in the environment. The
 * kernel closes the socket with the process, whatever ends it, so whether the owner lives is never a guess: no process
 * ids that may have been given to another, no timestamps, and it holds between containers that share the folder on one
 * machine. A starter listens first, then looks whether the named owner answers, and if it doesn't puts its own name
 * there in a transaction, if the entry is still the one it looked at. LMDB runs one such transaction at a time, and its
 * mutex survives the death of who holds it.
 *
 * Each owner's entry has a version of its own; the group commit makes every transaction depend on it. So even if
 * somebody deletes the socket of a running server, the old owner can't write after the new one has started.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { MainspringError } from "@mainspring/core";
import type { Database } from "lmdb";
import { UNFINISHED_PREFIX } from "./environment.js";
import { codeOf, unavailable } from "./failure.js";
import type { Fence } from "./group-commit.js";
import { openSocketRoute, type SocketRoute } from "./socket-route.js";

const OWNER_KEY = "owner";

const SOCKET_PREFIX = "owner-";

/** `owner-` and 16 digits: random, so that a dead owner's socket can never come to life again. */
const NAME_BYTES = SOCKET_PREFIX.length + 16;

/** How often another starter may be faster before it is a mystery: each time one of them becomes the owner. */
const MAX_CLAIM_ATTEMPTS = 10;

/** To make an environment takes milliseconds. */
const LEFTOVER_AGE_MS = 60_000;

/** What connecting to a socket says when nobody listens on it (any more). Everything else counts as an answer. */
const DEAD_CODES: ReadonlySet<string | undefined> = new Set(["ECONNREFUSED", "ENOENT"]);

export interface FolderLock {
  /** What every transaction of the owner depends on. */
  readonly fence: Fence;
  /** Lets the next server in. The environment must be closed before. */
  readonly release: () => Promise<void>;
}

export interface FolderLockOptions {
  /** The data folder's real path. */
  readonly folder: string;
  readonly meta: Database<Uint8Array, string>;
}

/**
 * @throws MainspringError `DATA_FOLDER_IN_USE` when another server runs on the folder, `CONFIG_INVALID` where there are
 * no Unix sockets, `STORE_UNAVAILABLE` when the folder can't hold one
 */
export async function lockFolder({ folder, meta }: FolderLockOptions): Promise<FolderLock> {
  if (process.platform === "win32") {
    throw new MainspringError(
      "CONFIG_INVALID",
      "The embedded store needs Unix sockets to make sure that one server alone uses its folder; Windows has none. Use WSL, or --store memory to try things out.",
    );
  }
  const name = SOCKET_PREFIX + randomBytes(8).toString("hex");
  const route = openSocketRoute(folder, { nameBytes: NAME_BYTES });
  const server = await listen(route, name).catch((error: unknown) => {
    route.close();
    throw unavailable(`The data folder ${folder} can't hold the socket that guards it`, error);
  });
  const release = async () => {
    await new Promise((resolve) => {
      server.close(resolve);
    });
    route.close();
  };
  try {
    const version = await claim({ folder, meta, route, name });
    await tidy(folder, route);
    // An owner before us may have tidied our socket away before it listened; without it we could not be seen.
    if (!(await answers(route.pathOf(name))))
      throw new Error("Its socket was deleted; start the server again.");
    return { fence: { table: meta, key: OWNER_KEY, version }, release };
  } catch (error) {
    await release();
    throw unavailable(`The data folder ${folder} can't be taken`, error);
  }
}

async function listen(route: SocketRoute, name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Exclusive: a worker of a cluster listens itself, not through its primary, which outlives it.
    server.listen({ path: route.pathOf(name), exclusive: true }, resolve);
  });
  // The kernel answers whoever asks; that this process could not accept one of them changes nothing.
  server.on("error", () => undefined);
  // To guard the folder is no reason to keep the process running.
  server.unref();
  return server;
}

interface Claim extends FolderLockOptions {
  readonly route: SocketRoute;
  readonly name: string;
}

/** @returns the version of the owner's entry, once it is ours and durable */
async function claim({ folder, meta, route, name }: Claim): Promise<number> {
  for (let attempt = 1; attempt <= MAX_CLAIM_ATTEMPTS; attempt += 1) {
    const seen = readOwner(meta);
    if (seen !== undefined && (await answers(route.pathOf(seen.name)))) throw inUse(folder);
    const version = (seen?.version ?? 0) + 1;
    const won = meta.transactionSync(() => {
      if (readOwner(meta)?.version !== seen?.version) return false;
      void meta.put(OWNER_KEY, Buffer.from(name), version);
      return true;
    });
    if (won) return version;
  }
  throw inUse(folder);
}

function readOwner(meta: Database<Uint8Array, string>): { name: string; version: number } | undefined {
  const entry = meta.getEntry(OWNER_KEY);
  if (entry === undefined) return undefined;
  return { name: Buffer.from(entry.value).toString("latin1"), version: entry.version ?? 0 };
}

/** Whether a process listens there. The kernel answers at once, even for one that is too busy, or stopped. */
async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(!DEAD_CODES.has(codeOf(error))));
  });
}

/** Takes away what servers that were killed left behind; not what another starter may be making right now. */
async function tidy(folder: string, route: SocketRoute): Promise<void> {
  for (const entry of readdirSync(folder)) {
    const isLeftover =
      (entry.startsWith(UNFINISHED_PREFIX) && isOld(join(folder, entry))) ||
      (entry.startsWith(SOCKET_PREFIX) && !(await answers(route.pathOf(entry))));
    if (isLeftover) rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

function isOld(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs > LEFTOVER_AGE_MS;
}

function inUse(folder: string): MainspringError {
  return new MainspringError(
    "DATA_FOLDER_IN_USE",
    `Another server runs on the data folder ${folder}. Stop it first, or give this one a folder of its own with --data.`,
    { folder },
  );
}
