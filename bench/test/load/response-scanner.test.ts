/** The scanner that finds answers in a stream, however the network cuts it. */
import { describe, expect, it } from "vitest";
import { createResponseScanner } from "../../src/load/response-scanner.js";

const ANSWERS = [
  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nhello\r\n\r\nyou",
  "HTTP/1.1 503 Service Unavailable\r\ncontent-length:0\r\n\r\n",
  "HTTP/1.1 304 Not Modified\r\netag: 12\r\n\r\n",
  "HTTP/1.1 201 Created\r\nconnection: keep-alive\r\ncontent-length: 3\r\n\r\nabc",
].join("");

const STATUSES = [200, 503, 304, 201];

function statusesOf(chunks: readonly string[]): readonly number[] {
  const statuses: number[] = [];
  const scanner = createResponseScanner((status) => statuses.push(status));
  for (const chunk of chunks) scanner.feed(Buffer.from(chunk));
  return statuses;
}

describe("the response scanner", () => {
  it("finds the same answers wherever the stream is cut in three", () => {
    for (let first = 0; first <= ANSWERS.length; first += 1) {
      for (let second = first; second <= ANSWERS.length; second += 1) {
        const cut = [ANSWERS.slice(0, first), ANSWERS.slice(first, second), ANSWERS.slice(second)];
        expect(statusesOf(cut)).toEqual(STATUSES);
      }
    }
  });

  it("finds them byte by byte", () => {
    expect(statusesOf(ANSWERS.split(""))).toEqual(STATUSES);
  });

  it("tells of an answer with its last byte, not before", () => {
    expect(statusesOf([ANSWERS.slice(0, -1)])).toEqual(STATUSES.slice(0, -1));
  });

  it.each([
    ["no answer at all", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["an answer that doesn't say how long it is", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["a head without an end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}`],
  ])("refuses %s", (_, bytes) => {
    expect(() => statusesOf([bytes])).toThrow(/answer/);
  });
});
