/** Allocation profiles, summed up by function and by whose code it is. */
import { describe, expect, it } from "vitest";
import { type AllocationNode, allocationsOf } from "../src/allocations.js";

function node(url: string, selfSize: number, children: readonly AllocationNode[] = []): AllocationNode {
  return { callFrame: { functionName: "make", url, lineNumber: 6 }, selfSize, children };
}

const ENCODE = "file:///somewhere/packages/engine/dist/record/encode-record.js";

describe("an allocation profile", () => {
  const { totalBytes, own, owners } = allocationsOf(
    node("", 1, [
      node(ENCODE, 100, [node("node:buffer", 20), node("", 5)]),
      node("file:///somewhere/node_modules/@smithy/core/dist/index.js", 300, [node(ENCODE, 11)]),
      node("file:///somewhere/node_modules/fastify/lib/reply.js", 0),
    ]),
  );

  it("has a sum for each of our functions, from wherever it was called", () => {
    expect(own).toEqual([{ name: "engine/record/encode-record make:7", bytes: 111 }]);
  });

  it("tells whose code allocated, the greatest first, and nobody who allocated nothing", () => {
    expect(owners).toEqual([
      { name: "@smithy/core", bytes: 300 },
      { name: "@mainspring/engine", bytes: 111 },
      { name: "Node.js", bytes: 20 },
      { name: "the engine of JavaScript, and what is native", bytes: 6 },
    ]);
    expect(totalBytes).toBe(437);
  });
});
