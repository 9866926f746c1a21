/** A connection of the load against servers that answer, refuse, hang and break. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createLoadConnection, type LoadConnection } from "../../src/load/load-connection.js";
import type { Outcome } from "../../src/load/outcome.js";

const REQUEST = Buffer.from("GET /thing HTTP/1.1\r\nhost: here\r\n\r\n");

const releases: (() => void)[] = [];

afterEach(() => {
  for (const release of releases.splice(0)) release();
});

async function connect(onRequest: RequestListener) {
  const server = createServer(onRequest).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let nowMs = 0;
  const troubles: string[] = [];
  const connection = createLoadConnection({
    host: "127.0.0.1",
    port,
    nowMs: () => nowMs,
    onTrouble: ({ message }) => troubles.push(message),
  });
  releases.push(() => {
    connection.close();
    server.close();
    server.closeAllConnections();
  });
  return {
    server,
    connection,
    troubles,
    setNowMs: (ms: number) => {
      nowMs = ms;
    },
  };
}

const ask = async (connection: LoadConnection): Promise<Outcome> =>
  new Promise((resolve) => {
    connection.ask(REQUEST, resolve);
  });

describe("a connection of the load", () => {
  it("asks one after the other over one socket", async () => {
    const sockets = new Set<unknown>();
    const paths: string[] = [];
    const { connection } = await connect(({ url = "", socket }, response) => {
      sockets.add(socket);
      paths.push(url);
      response.writeHead(200, { "content-length": 5 }).end("hello");
    });
    await connection.open();
    expect([await ask(connection), await ask(connection), await ask(connection)]).toEqual(["ok", "ok", "ok"]);
    expect(paths).toEqual(["/thing", "/thing", "/thing"]);
    expect(sockets.size).toBe(1);
  });

  it("tells a refusal from an answer", async () => {
    const { connection } = await connect((_, response) => {
      response.writeHead(503, { "content-length": 0 }).end();
    });
    expect(await ask(connection)).toBe("refused");
  });

  it("tells of a connection that breaks, and opens another one for the next request", async () => {
    let requestCount = 0;
    const { connection } = await connect(({ socket }, response) => {
      requestCount += 1;
      if (requestCount === 1) socket.destroy();
      else response.writeHead(200, { "content-length": 0 }).end();
    });
    expect([await ask(connection), await ask(connection)]).toEqual(["broken", "ok"]);
  });

  it("says why it can't read an answer", async () => {
    const { connection, troubles } = await connect((_, response) => {
      response.write("a part");
      response.end("and another");
    });
    expect(await ask(connection)).toBe("broken");
    expect(troubles).toEqual([expect.stringContaining("doesn't say how long it is")]);
  });

  it("gives up what was asked too long ago, and nothing else", async () => {
    const { connection, server, setNowMs } = await connect(() => undefined);
    setNowMs(1000);
    const outcome = ask(connection);
    await once(server, "request");
    connection.giveUpAskedBefore(1000);
    connection.giveUpAskedBefore(1001);
    expect(await outcome).toBe("timed-out");
  });

  it("tells of a server that isn't there", async () => {
    const { connection, server } = await connect(() => undefined);
    server.close();
    await once(server, "close");
    await expect(connection.open()).rejects.toThrow("ECONNREFUSED");
    expect(await ask(connection)).toBe("broken");
  });
});
