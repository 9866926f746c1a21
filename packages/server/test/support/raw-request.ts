/** Sends bytes that no client library would send, and reads what comes back. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Answer, Json } from "./start-server.js";

export interface RawOptions {
  /** Ends our half of the connection after the bytes. Default false: then it is the server who ends it. */
  readonly isEnded?: boolean;
}

/** The answer, or `null` if the connection was closed without one. Give requests `Connection: close`. */
export async function sendRaw(
  url: string,
  bytes: string | Uint8Array,
  { isEnded = false }: RawOptions = {},
): Promise<Answer | null> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A server that cuts off what it doesn't want to read may reset the connection after its answer.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (isEnded) socket.end(bytes);
  else socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return parse(Buffer.concat(chunks).toString("utf8"));
}

function parse(answer: string): Answer | null {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [line = "", ...fields] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(line)?.[1] ?? 0);
  if (status === 0) return null;
  const headers = new Headers(
    fields.map((field): [string, string] => [
      field.slice(0, field.indexOf(":")),
      field.slice(field.indexOf(":") + 1).trim(),
    ]),
  );
  const text = rest.join("\r\n\r\n");
  return { status, headers, text, body: JSON.parse(text) as Json };
}
