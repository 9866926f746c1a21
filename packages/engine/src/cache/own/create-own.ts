/** Namespaces of a game's own, by name. */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../../check-options.js";
import { type CacheNamespace, type NamespaceOptions, PLAYER_NAMESPACES } from "../cache.js";
import { createLoads } from "../local/loads.js";
import type { Shared } from "../shared.js";
import { jsonCodec } from "./json-codec.js";
import { createOwnNamespace } from "./own-namespace.js";

const SECOND_MS = 1_000;

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Names are part of the code, not data. */
const MAX_NAMESPACES = 100;

const RESERVED: ReadonlySet<string> = new Set([...PLAYER_NAMESPACES, "player"]);

export interface OwnNamespaces {
  /** The same name gives the same one. */
  get<V>(name: string, options?: NamespaceOptions<V>): CacheNamespace<V>;
}

export function createOwnNamespaces(shared: Shared): OwnNamespaces {
  const made = new Map<string, CacheNamespace<never>>();
  return {
    get<V>(name: string, options: NamespaceOptions<V> = {}) {
      // A name has one kind of values: that is for whoever chooses the name.
      const known = made.get(name) as unknown as CacheNamespace<V> | undefined;
      if (known !== undefined) return known;
      checkName(name, made.size);
      const namespace = create(shared, name, options);
      made.set(name, namespace as unknown as CacheNamespace<never>);
      return namespace;
    },
  };
}

function create<V>(shared: Shared, name: string, options: NamespaceOptions<V>): CacheNamespace<V> {
  const {
    ttlSeconds = shared.ttlSeconds.frequentData,
    absentTtlSeconds = 5,
    graceSeconds = 0,
    softLimitMs = 100,
    hardLimitMs = 5_000,
    codec = jsonCodec<V>(),
  } = options;
  checkOptions({ ttlSeconds, absentTtlSeconds, softLimitMs, hardLimitMs });
  checkOptions({ graceSeconds }, { from: 0 });
  const { timers, membership } = shared;
  const subjects = shared.subjectsOf(name);
  const loads = createLoads<V | null>(timers, shared.localMaxAgeMs);
  subjects.join(loads);
  const ttlMs = ttlSeconds * SECOND_MS;
  const graceMs = graceSeconds * SECOND_MS;
  const tiers = shared.createPair<V>({
    namespace: name,
    subjects,
    codec: {
      encode: (value) => codec.encode(value),
      decode: (bytes) => codec.decode(bytes),
    },
    ttlMs,
    graceMs,
    absentTtlMs: absentTtlSeconds * SECOND_MS,
  });
  return createOwnNamespace({
    name,
    tiers,
    subjects,
    loads,
    membership,
    encode: (value) => codec.encode(value),
    timers,
    ttlMs,
    graceMs,
    softLimitMs,
    hardLimitMs,
  });
}

function checkName(name: string, count: number): void {
  if (!NAME.test(name)) {
    throw new MainspringError(
      "INVALID_REQUEST",
      `"${name}" can't be a namespace's name: a letter, then letters, digits, _ and -, 64 at most.`,
    );
  }
  if (RESERVED.has(name)) {
    throw new MainspringError("INVALID_REQUEST", `The namespace ${name} is Mainspring's own.`);
  }
  if (count >= MAX_NAMESPACES) {
    throw new MainspringError("INVALID_REQUEST", `A cache has at most ${MAX_NAMESPACES} namespaces.`);
  }
}
