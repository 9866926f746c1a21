/** What an engine offers: the face that servers, jobs and tests use. `createEngine` makes one. */
import type {
  Catalog,
  Command,
  CommandResult,
  Forecast,
  PlayerEvent,
  TimelineEntry,
  VisibleState,
} from "@mainspring/core";
import type { Consistency, DerivedNamespace, Flags, OverloadLimit, Stamp, Traced } from "./ports.js";
import type { PerformanceStats } from "./telemetry/performance-stats.js";

/**
 * A player as of an instant. It holds no secret, and everything in it is durable; with interval checkpoints, durable or bound to
 * come out the same again.
 */
export interface PlayerView {
  readonly playerId: string;
  readonly incarnation: number;
  /** Counts commits. */
  readonly version: number;
  readonly state: VisibleState;
  /** The catalog the player runs under. */
  readonly catalog: Catalog;
  /** Made when it is first looked at, once per change, and kept with it. */
  readonly forecast: Forecast;
  /** The instant of the view in player time: the server's clock, plus the player's `clockOffsetMs`. */
  readonly nowMs: number;
}

export interface ReadOptions extends Traced {
  /** The player's own request: the player counts as seen, and is made if there is none. Default false. */
  readonly asPlayer?: boolean;
  /**
   * `cached` (the default): where the store has a cache over it, what that holds within its bounds; else `strong`. `strong`: the store
   * is asked. `eventual`: an answer that lacks the changes of the last moments will do, for half the price where the store has replicas.
   * None is ever older than what this process has shown or saved lately.
   */
  readonly consistency?: Consistency;
  /**
   * The newest (incarnation, version) that the caller was shown or has written, perhaps by another instance: the answer is
   * as new, or newer, or `VERSION_CONFLICT` if the store itself has nothing so new (it was put back to an earlier day, for example).
   */
  readonly atLeast?: Stamp;
}

/** Something small that is shown of a player, and where the cache keeps it. */
export interface SummaryOf<V> {
  /**
   * `taskProgress`: what a progress bar needs, always as of now. `playerStats`: totals for profiles and boards: as of now where it is the
   * player's own request, for others as late as the namespace allows (`redis.ttl.playerStats`, 600 s).
   */
  readonly namespace: DerivedNamespace;
  /**
   * What it is, and in which form: what lies there under another name is none. Give it another when the form changes, for the time in which two
   * releases run. A namespace keeps one value for each player: with two names in turn each is made each time.
   */
  readonly name: string;
  /** Makes it: a JSON value that depends on the view's player, but never on its `nowMs`. */
  readonly make: (view: PlayerView) => V;
}

export interface Summary<V> extends Stamp {
  readonly value: V;
  /** Of the player that it was made of, as incarnation and version are. */
  readonly revision: number;
  /** It is true as of this instant (player time): now, unless others may be shown something late. */
  readonly asOfMs: number;
  /** Now, in player time. */
  readonly nowMs: number;
}

export interface ApplyOptions extends Omit<ReadOptions, "consistency" | "atLeast"> {
  /** Makes the command happen once: a repeat with this key gets the first one's answer. 1 to 128 characters. Asked for by `adjust`. */
  readonly key?: string;
  /** Refuse with `VERSION_CONFLICT` unless the player's revision is this one. */
  readonly ifRevision?: number;
  /** Who commands, for the journal. Up to 128 characters. Default: the player's id with `asPlayer`, else "system". */
  readonly actor?: string;
  /** Why, for the journal. Up to 512 characters. */
  readonly reason?: string;
}

export interface CommandOutcome {
  /** What the command did. Of a repeat: what the first one did. */
  readonly result: CommandResult;
  /** The player's revision right after the command (of a repeat: after the first one). */
  readonly revision: number;
  /** The key was known: nothing was done again. */
  readonly isReplayed: boolean;
  /** The player now. */
  readonly view: PlayerView;
}

/** An event as the journal keeps it. Command events tell who commanded and why. */
export type JournalEvent = PlayerEvent & { readonly actor?: string; readonly reason?: string };

export interface EventPage {
  readonly events: readonly JournalEvent[];
  /** Number of the newest event there is: go on with `afterNumber` of the last one received until it is reached. */
  readonly lastNumber: number;
  /** Of the record that this goes with. */
  readonly incarnation: number;
  readonly version: number;
}

/** A commit that happened in this process. */
export interface PlayerChange {
  readonly playerId: string;
  readonly incarnation: number;
  readonly version: number;
  readonly revision: number;
  readonly events: readonly PlayerEvent[];
}

/** What became of a proposed catalog. */
export interface Activation {
  readonly hash: string;
  readonly name: string;
  /** Instant (server time) from which it is the active one. */
  readonly atMs: number;
  /** It was the last of the timeline already: at most texts were brought up to date. */
  readonly isUnchanged: boolean;
}

export interface RestoreOptions extends Pick<Traced, "requestId"> {
  /** Who asks for it, for the log. Default: "system" */
  readonly actor?: string;
  readonly reason?: string;
}

/** What a restored record came from. */
export interface Restoration {
  readonly incarnation: number;
  /** Of the restored record. */
  readonly version: number;
  /** Of the last commit that snapshot and journal tell of: the record is as that one left it. */
  readonly lastVersion: number;
  /** How many later commits the damaged record had seen, of which nothing is known; `null` if the record was gone. 0: all is there. */
  readonly missingCommits: number | null;
  readonly snapshotVersion: number;
  /** Commits that were played again. */
  readonly commits: number;
  readonly eventCount: number;
  readonly settledAtMs: number;
}

export interface Engine {
  /**
   * A player now. A milestone is saved before it is shown.
   * @throws MainspringError `PLAYER_NOT_FOUND`, `PLAYER_ERASED`, `RECORD_CORRUPT`, `UPGRADE_REQUIRED`, `STORE_UNAVAILABLE`, `OVERLOADED`,
   * `VERSION_CONFLICT` (other instances kept changing the player), `SHUTTING_DOWN`.
   */
  read(playerId: string, options?: ReadOptions): Promise<PlayerView>;
  /**
   * What {@link Engine.read} would answer, if it can be said at once: the record is in the cache of this process and nothing has to be
   * saved before it is shown. `null`: ask `read`. Never throws.
   */
  peek(playerId: string, options?: ReadOptions): PlayerView | null;
  /**
   * Something small made of what {@link Engine.read} answers, kept by the cache until a commit of the player, or time, takes it away. Without
   * a cache, and between interval checkpoints, it is made each time.
   * @throws MainspringError like {@link Engine.read}
   */
  summary<V>(playerId: string, of: SummaryOf<V>, options?: ReadOptions): Promise<Summary<V>>;
  /**
   * Applies a command. When the promise resolves it is durable; when it rejects nothing was changed, except with
   * `STORE_UNAVAILABLE`, where a repeat with the same key finds out.
   * @throws MainspringError like {@link Engine.read}, `IDEMPOTENCY_KEY_REUSED`, `RATE_LIMITED`, and the command's own codes.
   */
  apply(playerId: string, command: Command, options?: ApplyOptions): Promise<CommandOutcome>;
  /** The journal of a player: events after a number, oldest first. `limit` 1 to 1000, default 100. */
  events(
    playerId: string,
    query?: { readonly afterNumber?: number; readonly limit?: number },
  ): Promise<EventPage>;
  /** Told of every commit of this process, in order per player. Returns how to stop. A listener that throws is noted and kept. */
  subscribe(listener: (change: PlayerChange) => void): () => void;
  readonly catalogs: {
    /** The catalog that is active now for players without a clock of their own. @throws MainspringError `NO_CATALOG` when there is none yet. */
    active(): Promise<Catalog>;
    timeline(): Promise<readonly TimelineEntry[]>;
    /**
     * Checks and stores a catalog and activates it. The very first one is active at once; later ones 60 s ahead at the earliest
     * (the default) and after all earlier activations.
     * @throws MainspringError `CATALOG_INVALID` (with `details.mistakes`), `CATALOG_TOO_SOON`.
     */
    propose(document: unknown, options?: { readonly activateAtMs?: number }): Promise<Activation>;
  };
  /**
   * Puts back a record that is damaged or gone, byte for byte as its last commit left it, from a snapshot and the journal after it.
   * @throws MainspringError `INVALID_REQUEST` when the record is sound, `PLAYER_NOT_FOUND` when no snapshot is kept, `RECORD_CORRUPT`
   * when the journal does not lead to a sound record, `VERSION_CONFLICT`, `STORE_UNAVAILABLE`.
   */
  restore(playerId: string, options?: RestoreOptions): Promise<Restoration>;
  /** The limit that it was made with: whoever puts a protocol on the engine asks it before each request. */
  readonly overload: OverloadLimit | null;
  /** The switches of the layers; `null`: there are none. */
  readonly flags: Flags | null;
  performance(): PerformanceStats;
  /** Resolves when the store answers and a catalog is active; rejects with the error otherwise. */
  checkReady(): Promise<void>;
  /** Takes nothing new, finishes what is under way, closes the store. */
  close(): Promise<void>;
}
