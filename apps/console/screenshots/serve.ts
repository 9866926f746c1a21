/** The server of the pictures: on the embedded store, with a batching that makes commits slow, for the guard to find out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { startConsoleServer } from "../test/support/start-server.js";

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mainspring-screenshots-"));
  const server = await startConsoleServer({ store: await openLmdbStore({ folder }) });
  process.once("SIGTERM", () => {
    void server.close().then(() => rmSync(folder, { recursive: true, force: true }));
  });
  console.log(`ready at ${server.url}`);
}
