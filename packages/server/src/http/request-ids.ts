/** Names for requests: the caller's own, or one that tells the instance and counts. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Names that callers may give their requests. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

export type RequestIds = (request: Pick<IncomingMessage, "headers">) => string;

export function createRequestIds(): RequestIds {
  const instance = randomBytes(4).toString("hex");
  let requests = 0;
  return ({ headers }) => {
    const given = headers["x-request-id"];
    if (typeof given === "string" && REQUEST_ID.test(given)) return given;
    requests += 1;
    return `${instance}-${requests.toString(36)}`;
  };
}
