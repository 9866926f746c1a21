/** What HTTP costs by itself: `node:http` giving every request the same answer, without looking at it. */
import { once } from "node:events";
import { createServer } from "node:http";
import { answerQuestions, type Answering } from "./side.js";

/** The answer to give. `node:http` adds the date and the connection's headers itself. */
export interface BareAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const answer: Answering<BareAnswer, string> = async ({ headers, body }, { defer }) => {
  const server = createServer((_, response) => {
    response.writeHead(200, headers).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port.");
  return `http://127.0.0.1:${address.port}`;
};

answerQuestions(answer);
