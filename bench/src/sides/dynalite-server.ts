/** DynamoDB for rows whose load would be disturbed by it in their own process. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import { answerQuestions, type Answering } from "./side.js";

/** @returns its endpoint */
const answer: Answering<null, string> = async (_, { defer }) => {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
};

answerQuestions(answer);
