/** `mainspring dynamodb create-tables`: makes what the DynamoDB store needs, once. */
import { InvalidArgumentError } from "commander";

export interface CreateTablesSettings {
  readonly tablePrefix: string;
  /** Capacity to be paid for in advance; left out: on demand. */
  readonly provision?: { readonly readUnits: number; readonly writeUnits: number };
}

/** `READ:WRITE`, in units a second. */
export function parseProvision(text: string): { readUnits: number; writeUnits: number } {
  const [, read, write] = /^([1-9][0-9]{0,6}):([1-9][0-9]{0,6})$/.exec(text) ?? [];
  if (read === undefined || write === undefined) {
    throw new InvalidArgumentError("It must be two numbers of units a second, read and write: 20:50.");
  }
  return { readUnits: Number(read), writeUnits: Number(write) };
}

const OUTCOMES = { created: "was made", existed: "was there" } as const;

const EXPIRY = {
  enabled: "; expired items go by themselves",
  unsupported: "; this server doesn't clear away what has expired, readers ignore it",
} as const;

/** @throws MainspringError what DynamoDB says */
export async function createTables(
  { tablePrefix, provision }: CreateTablesSettings,
  print: (line: string) => void,
): Promise<void> {
  const { createDynamoDbTables } = await import("@mainspring/engine/dynamodb");
  const billing = provision ?? "on-demand";
  for (const { name, outcome, timeToLive } of await createDynamoDbTables({ tablePrefix, billing })) {
    print(`${name} ${OUTCOMES[outcome]}${timeToLive === undefined ? "" : EXPIRY[timeToLive]}`);
  }
}
