/**
 * The tables of the DynamoDB store, as plain data: what makes them (the command line, infrastructure code, tests) and what uses
 * them read it here. Loads nothing of AWS.
 */

/** What the name of each table begins with, unless told otherwise. */
export const DEFAULT_TABLE_PREFIX = "mainspring-";

/** Letters, digits and `_ . -`, so that prefix and name together are a table name of DynamoDB. */
const PREFIX = /^[A-Za-z0-9_.-]{0,200}$/;

export interface TableKey {
  readonly attribute: string;
  readonly type: "S";
}

export interface TableDefinition {
  /** What follows the prefix in its name. */
  readonly name: "players" | "history" | "content";
  readonly partitionKey: TableKey;
  readonly sortKey?: TableKey;
  /** Holds the expiry in seconds since 1970: what DynamoDB's time to live is to be set to. */
  readonly expiryAttribute?: string;
  readonly holds: string;
}

/** There are no secondary indexes: nothing needs one. */
export const TABLES = {
  players: {
    name: "players",
    partitionKey: { attribute: "p", type: "S" },
    holds: "one item per player: the record, and events that the history doesn't have yet",
  },
  history: {
    name: "history",
    partitionKey: { attribute: "p", type: "S" },
    sortKey: { attribute: "k", type: "S" },
    expiryAttribute: "x",
    holds: "journal, marks and snapshots of each player, with an expiry",
  },
  content: {
    name: "content",
    partitionKey: { attribute: "p", type: "S" },
    sortKey: { attribute: "k", type: "S" },
    holds: "catalogs, the timeline of their activations, and the quarantine",
  },
} as const satisfies Record<TableDefinition["name"], TableDefinition>;

export interface TableNames {
  readonly players: string;
  readonly history: string;
  readonly content: string;
}

export function isTablePrefix(prefix: string): boolean {
  return PREFIX.test(prefix);
}

/** @param prefix default: {@link DEFAULT_TABLE_PREFIX} */
export function tableNames(prefix: string = DEFAULT_TABLE_PREFIX): TableNames {
  return {
    players: prefix + TABLES.players.name,
    history: prefix + TABLES.history.name,
    content: prefix + TABLES.content.name,
  };
}
