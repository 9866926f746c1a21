/** The way to an object, in small graphs that are written by hand. */
import { describe, expect, it } from "vitest";
import { readGraph } from "../../src/heap-compare/read-graph.js";
import { retainingPaths } from "../../src/heap-compare/retaining-paths.js";
import { stepNames } from "../../src/heap-compare/shown-names.js";

type NodeType = "synthetic" | "object" | "string" | "code" | "closure";
type EdgeType = "context" | "element" | "property" | "internal" | "weak";

const NODE_TYPES: readonly NodeType[] = ["synthetic", "object", "string", "code", "closure"];
const EDGE_TYPES: readonly EdgeType[] = ["context", "element", "property", "internal", "weak"];

interface Node {
  readonly type: NodeType;
  readonly name: string;
  readonly edges?: readonly (readonly [EdgeType, name: string | number, target: number])[];
}

/** What V8 would write of these nodes; the first is the root. */
function snapshotOf(nodes: readonly Node[]): Buffer {
  const strings: string[] = [];
  const numberOf = (text: string): number => {
    if (!strings.includes(text)) strings.push(text);
    return strings.indexOf(text);
  };
  const fields = ["type", "name", "id", "self_size", "edge_count"];
  const nodeNumbers = nodes.flatMap(({ type, name, edges = [] }, index) => [
    NODE_TYPES.indexOf(type),
    numberOf(name),
    2 * index + 1,
    16,
    edges.length,
  ]);
  const edgeNumbers = nodes.flatMap(({ edges = [] }) =>
    edges.flatMap(([type, name, target]) => [
      EDGE_TYPES.indexOf(type),
      typeof name === "string" ? numberOf(name) : name,
      target * fields.length,
    ]),
  );
  const meta = {
    node_fields: fields,
    node_types: [NODE_TYPES, "string", "number", "number", "number"],
    edge_fields: ["type", "name_or_index", "to_node"],
    edge_types: [EDGE_TYPES, "string_or_number", "node"],
  };
  const header = JSON.stringify({
    snapshot: { meta, node_count: nodes.length, edge_count: edgeNumbers.length / 3 },
  }).slice(0, -1);
  return Buffer.from(
    `${header},\n"nodes":[${nodeNumbers.join("\n,")}],\n"edges":[${edgeNumbers.join("\n,")}],\n"strings":${JSON.stringify(strings)}}`,
  );
}

function commonest(nodes: readonly Node[], wanted: readonly number[]) {
  const graph = readGraph(snapshotOf(nodes), "by hand");
  return retainingPaths(graph, stepNames(graph)).commonest(wanted);
}

describe("the way to an object", () => {
  it("is the shortest along edges that keep alive: a weak one doesn't", () => {
    const path = commonest(
      [
        {
          type: "synthetic",
          name: "",
          edges: [
            ["weak", "cache", 3],
            ["element", 1, 1],
            ["element", 2, 2],
          ],
        },
        { type: "object", name: "Long", edges: [["element", 1, 2]] },
        {
          type: "object",
          name: "Short",
          edges: [
            ["element", 7, 3],
            ["element", 8, 1],
          ],
        },
        { type: "object", name: "Wanted", edges: [["element", 1, 0]] },
      ],
      [3],
    );
    expect(path).toEqual({
      steps: [
        { by: "[…]", what: "Short" },
        { by: "[…]", what: "Wanted" },
      ],
      lookedAt: 1,
      alike: 1,
    });
  });

  it("is the one that most of them have in common; none, where only weak edges or the table of texts lead there", () => {
    const nodes: readonly Node[] = [
      {
        type: "synthetic",
        name: "",
        edges: [
          ["element", 1, 1],
          ["element", 2, 2],
          ["weak", "x", 6],
        ],
      },
      { type: "object", name: "One", edges: [["element", 1, 3]] },
      {
        type: "object",
        name: "Many",
        edges: [
          ["element", 1, 4],
          ["element", 2, 5],
        ],
      },
      ...Array.from({ length: 4 }, (): Node => ({ type: "object", name: "Wanted" })),
    ];
    expect(commonest(nodes, [3, 4, 5, 6])).toMatchObject({
      steps: [{ what: "Many" }, { what: "Wanted" }],
      lookedAt: 4,
      alike: 2,
    });
    expect(commonest(nodes, [6])).toBe(null);
    const table: readonly Node[] = [
      { type: "synthetic", name: "", edges: [["element", 1, 1]] },
      { type: "synthetic", name: "(Internalized strings)", edges: [["internal", "1", 2]] },
      { type: "string", name: "nobody's" },
    ];
    expect(commonest(table, [2])).toBe(null);
    expect(commonest(nodes, [])).toBe(null);
  });

  it("shows a property's name only where compiled code has it, and nothing that a terminal would obey", () => {
    const path = commonest(
      [
        {
          type: "synthetic",
          name: "(GC \u001b[31mroots)",
          edges: [
            ["element", 1, 1],
            ["internal", "x", 5],
          ],
        },
        { type: "closure", name: "keep", edges: [["context", "store", 2]] },
        { type: "object", name: "Store", edges: [["property", "known", 3]] },
        { type: "object", name: "Inner\u001b[2J", edges: [["property", "a-token", 4]] },
        { type: "object", name: "x".repeat(500) },
        { type: "code", name: "(constant pool)", edges: [["internal", "1", 6]] },
        { type: "string", name: "known" },
      ],
      [4],
    );
    expect(path?.steps.map(({ by, what }) => `${by} ${what}`)).toEqual([
      "[…] function keep",
      "variable store Store",
      ".known Inner?[2J",
      `.… ${"x".repeat(59)}…`,
    ]);
  });

  it("of a chain without end is shown from its end", () => {
    const length = 1_000;
    const nodes = Array.from(
      { length },
      (_, index): Node => ({
        type: index === 0 ? "synthetic" : "object",
        name: `Link${index}`,
        edges: index + 1 < length ? [["property", "next", index + 1]] : [],
      }),
    );
    const steps = commonest(nodes, [length - 1])?.steps ?? [];
    expect([steps[0]?.what, steps.at(-1)?.what, steps.length]).toEqual(["…", `Link${length - 1}`, 41]);
  });
});
