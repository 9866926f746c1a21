/**
 * What really happened: of each subject (a player, or a key of a game's own) all versions that ever became durable, with the
 * instants at which they did and at which somebody was told. And the laws, that every answer is held against.
 */

/** How the bounds of the cache are judged. */
export interface Bounds {
  /** Whatever fails. */
  readonly anyhowMs: number;
  /** When all has been well for a while: for a change to be heard of, and what the simulation's messages take. */
  readonly healthyMs: number;
}

export interface TrueVersion {
  /** From 1. Nothing at all is 0. */
  readonly index: number;
  /** What tells it from every other content. */
  readonly content: string;
  readonly durableAtMs: number;
  /** When whoever made it was told that it is done. */
  acknowledgedAtMs: number;
}

export interface Chain {
  readonly subject: string;
  /** Another version became durable. */
  add(content: string, atMs: number): TrueVersion;
  acknowledge(version: TrueVersion, atMs: number): void;
  /** `undefined`: this was never durable. */
  find(content: string): TrueVersion | undefined;
  /** The index of the newest one that somebody had been told of at that instant. */
  newestAcknowledged(atMs: number): number;
  /** Since when somebody has been told of a newer one; infinite: nobody has. */
  outdatedSinceMs(index: number): number;
  newest(): number;
}

export function createChain(subject: string): Chain {
  const versions: TrueVersion[] = [];
  const byContent = new Map<string, TrueVersion>();
  return {
    subject,
    add(content, atMs) {
      const version: TrueVersion = {
        index: versions.length + 1,
        content,
        durableAtMs: atMs,
        acknowledgedAtMs: Number.POSITIVE_INFINITY,
      };
      versions.push(version);
      byContent.set(content, version);
      return version;
    },
    acknowledge(version, atMs) {
      version.acknowledgedAtMs = Math.min(version.acknowledgedAtMs, Math.max(atMs, version.durableAtMs));
    },
    find: (content) => byContent.get(content),
    newestAcknowledged(atMs) {
      for (let index = versions.length - 1; index >= 0; index -= 1) {
        const version = versions[index];
        if (version !== undefined && version.acknowledgedAtMs <= atMs) return version.index;
      }
      return 0;
    },
    outdatedSinceMs: (index) =>
      versions
        .slice(index)
        .reduce((sinceMs, { acknowledgedAtMs }) => Math.min(sinceMs, acknowledgedAtMs), Infinity),
    newest: () => versions.length,
  };
}

/** The newest that somebody knows of each subject: a session, or a process. */
export interface Floors {
  of(subject: string): number;
  raise(subject: string, index: number): void;
}

export function createFloors(): Floors {
  const floors = new Map<string, number>();
  return {
    of: (subject) => floors.get(subject) ?? 0,
    raise(subject, index) {
      if (index > (floors.get(subject) ?? 0)) floors.set(subject, index);
    },
  };
}

export type Law =
  | "1: older than what the session knows"
  | "2: older than what the process knows"
  | "3: older than any failure excuses"
  | "3: older than it may be while all is well"
  | "4: a strong read that missed what was acknowledged"
  | "4: shown, and was never durable"
  | "4: one version, two contents"
  | "5: replaced or taken away before, in this process"
  | "6: without an answer for too long"
  | "6: a rejection that nobody handled"
  | "6: a queue without a bound"
  | "6: not trusted again after all faults"
  | "6: an error that no fault explains";

export interface AskedAnswer {
  readonly chain: Chain;
  readonly startedAtMs: number;
  readonly index: number;
  /** What the session demanded; 0 where it demanded nothing. */
  readonly demanded: number;
  /** What the process had shown or acknowledged when the read began; and acknowledged alone. */
  readonly known: number;
  readonly replaced: number;
  readonly isStrong: boolean;
  /** All had been well for a while when the read began. */
  readonly isHealthy: boolean;
  /** How old a load may be that the read shared, beside the bounds. */
  readonly allowanceMs: number;
}

/** The law that an answer breaks, and how; `null`: none. */
export function judge(
  answer: AskedAnswer,
  bounds: Bounds,
): { readonly law: Law; readonly why: string } | null {
  const { chain, startedAtMs, index, isHealthy, allowanceMs } = answer;
  const broken = (law: Law, least: number, why: string) =>
    index >= least ? null : { law, why: `got #${index}, and nothing below #${least} was right: ${why}` };
  const boundMs = (isHealthy ? bounds.healthyMs : bounds.anyhowMs) + allowanceMs;
  const atMs = startedAtMs - boundMs;
  return (
    broken("1: older than what the session knows", answer.demanded, "the session demanded it") ??
    (answer.isStrong
      ? broken(
          "4: a strong read that missed what was acknowledged",
          chain.newestAcknowledged(startedAtMs),
          `acknowledged before the strong read began at ${startedAtMs}`,
        )
      : null) ??
    broken("5: replaced or taken away before, in this process", answer.replaced, "it was acknowledged") ??
    broken(
      "2: older than what the process knows",
      answer.known,
      "the process had shown or acknowledged it",
    ) ??
    broken(
      isHealthy ? "3: older than it may be while all is well" : "3: older than any failure excuses",
      chain.newestAcknowledged(atMs),
      `acknowledged at ${atMs}, ${boundMs} ms before the read began at ${startedAtMs}`,
    )
  );
}
