/** A DynamoDB to test against: dynalite in a process of its own, with or without a folder that outlives it. */
import { fileURLToPath } from "node:url";
import { startChild } from "./server-process.js";

const child = fileURLToPath(new URL("dynalite-child.mjs", import.meta.url));

export interface DynaliteProcess {
  readonly endpoint: string;
  readonly port: number;
  /** What a process that uses it needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Kill -9. */
  kill(): Promise<void>;
}

/** @param options.port default: a free one */
export async function startDynalite({
  port: wanted = 0,
  folder,
}: {
  port?: number;
  folder?: string;
} = {}): Promise<DynaliteProcess> {
  const args = [child, String(wanted), ...(folder === undefined ? [] : [folder])];
  const started = await startChild(args, {});
  const endpoint = started.url;
  const port = Number(new URL(endpoint).port);
  return { endpoint, port, env: environmentFor(endpoint), kill: async () => started.kill() };
}

export function environmentFor(endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
}
