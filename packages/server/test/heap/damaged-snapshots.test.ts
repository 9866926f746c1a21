/** Files that are almost snapshots: they are refused in words of ours, and nothing of what stands in them is shown. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMainspringError } from "@mainspring/core";
import { expect, it } from "vitest";
import { loadClassSizes } from "../../src/heap-compare/class-sizes.js";
import { compareSnapshots } from "../../src/heap-compare/compare-snapshots.js";
import { comparisonLines } from "../../src/heap-compare/print-comparison.js";
import { temporaryFolder } from "../support/run-command.js";

const META = {
  node_fields: ["type", "name", "id", "self_size", "edge_count"],
  node_types: [["synthetic", "object", "string"], "string", "number", "number", "number"],
  edge_fields: ["type", "name_or_index", "to_node"],
  edge_types: [["property", "internal"], "string_or_number", "node"],
  // The library asks for these.
  trace_function_info_fields: ["function_id"],
  trace_node_fields: ["id"],
  sample_fields: ["timestamp_us"],
  location_fields: ["object_index"],
};

const EARLIER = `{"snapshot":${JSON.stringify({ meta: META, node_count: 1, edge_count: 0 })},
"nodes":[0,0,1,0,0],
"edges":[],
"strings":[""]}`;

const LATER = `{"snapshot":${JSON.stringify({ meta: META, node_count: 3, edge_count: 2, trace_function_count: 0 })},
"nodes":[0,0,1,0,1
,1,1,3,16,1
,2,2,5,32,0],
"edges":[1,1,5
,0,2,10],
"trace_function_infos":[],"trace_tree":[],"samples":[],"locations":[],
"strings":["","Store","a secret"]}`;

/** What is said of a later snapshot in which something is another. */
function saidOf(change: readonly [string, string], earlier = EARLIER): string {
  const folder = temporaryFolder();
  const [before, after] = [join(folder, "before"), join(folder, "after")];
  writeFileSync(before, earlier);
  expect(LATER).toContain(change[0]);
  writeFileSync(after, LATER.replace(...change));
  try {
    return comparisonLines(compareSnapshots({ before, after, top: 9, readClassSizes: sizesOfOne })).join(
      "\n",
    );
  } catch (error) {
    expect(error).toSatisfy(isMainspringError);
    return (error as Error).message;
  }
}

const sizesOfOne = (bytes: Uint8Array) =>
  new Map(Buffer.from(bytes).includes('"node_count":1,') ? [] : [["Store", { count: 1, retainedBytes: 48 }]]);

it("a snapshot is read that is whole", () => {
  expect(saidOf(["", ""])).toMatch(/^ {2}Store \(1 of 1 looked at\)\n {4}\(internal\) Store$/m);
});

it("which one is the earlier is told by V8's own objects, not by addresses of others, that lie anywhere", () => {
  expect(saidOf(["", ""], EARLIER.replace("[0,0,1,0,0]", "[0,0,1943910304,0,0]"))).toMatch(/Store/);
  expect(saidOf(["", ""], EARLIER.replace("[0,0,1,0,0]", "[0,0,1943910305,0,0]"))).toMatch(
    /was taken after .*\. The earlier one comes first\.$/,
  );
});

it.each([
  ["a number of nodes below none", '"node_count":3', '"node_count":-1', /is not a heap snapshot/],
  ["a number of nodes that is none", '"node_count":3', '"node_count":"3"', /is not a heap snapshot/],
  ["more nodes than any file holds", '"node_count":3', '"node_count":1e12', /is cut off/],
  ["more edges than any file holds", '"edge_count":2', '"edge_count":1e12', /is cut off/],
  ["no kinds of nodes", '"node_types":[[', '"node_types":[],"more":[[', /is not a heap snapshot/],
  ["no kinds of edges", '"edge_types":[[', '"edge_types":[],"more":[[', /is not a heap snapshot/],
  ["nodes with more edges than there are", "0,0,1,0,1", "0,0,1,0,9999", /is damaged/],
  ["a text that is no JSON", '"Store"', '"St\\qore"', /is damaged/],
])("a snapshot with %s is refused", (_what, from, to, said) => {
  const message = saidOf([from, to]);
  expect(message).toMatch(said);
  expect(message).not.toMatch(/secret|St.?.?ore/);
});

it("a snapshot that the library breaks down over is refused, and the next one is read", async () => {
  const readClassSizes = await loadClassSizes();
  const sizes = () => [...readClassSizes(Buffer.from(LATER), "good").keys()].sort();
  expect(sizes()).toEqual(["(string)", "(synthetic)", "Store"]);
  // Nothing leads to the last node.
  const circle = Buffer.from(LATER.replace("0,2,10", "0,2,5"));
  expect(() => readClassSizes(circle, "odd")).toThrow(/^The library can't read odd: it is damaged/);
  expect(sizes()).toHaveLength(3);
});
