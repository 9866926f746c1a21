// A process with a pool that its test stops and continues: asks whenever it is told to, and says how it went.
import { HttpRequest } from "@smithy/core/protocols";
import { createConnectionPool } from "../../dist/pool/connection-pool.js";

const endpoint = new URL(process.argv[2] ?? "");
const pool = createConnectionPool({ minConnections: 4, checkAfterMs: 600_000 });
await pool.warm({ endpoint });

/** @param {string} body */
async function ask(body) {
  const { hostname, port, protocol } = endpoint;
  const request = { hostname, port: Number(port), protocol, method: "POST", path: "/", body };
  await pool.handle(new HttpRequest(request));
}

async function report() {
  const outcomes = await Promise.allSettled(["a", "b", "c", "d"].map(ask));
  const failed = outcomes.filter(({ status }) => status === "rejected").length;
  process.send?.({ failed, stats: pool.stats() });
}

process.on("message", (/** @type {string} */ order) => {
  if (order === "end") {
    // Its connections stay open: they must not keep it alive.
    process.disconnect();
    return;
  }
  void report();
});
process.send?.("ready");
