/**
 * What of a snapshot's names may be shown. A heap is full of secrets, and many of its names are data: a text's name is its content, a property's
 * name may be a token. Shown is what stands in the program: constructors, functions, variables, and properties that the code itself names.
 */
import type { HeapGraph } from "./read-graph.js";

/** Longer names are cut. */
const MAX_NAME_LENGTH = 60;

/** Nodes of these are shown by their own name: it is the name of a constructor. */
const NAMED: ReadonlySet<string> = new Set(["object", "native"]);

/** All others, as the library calls the groups that it makes of them. */
const LABELS: Readonly<Record<string, string>> = {
  hidden: "(system)",
  array: "(array)",
  string: "(string)",
  "concatenated string": "(concatenated string)",
  "sliced string": "(sliced string)",
  code: "(compiled code)",
  closure: "(closure)",
  regexp: "(regexp)",
  number: "(number)",
  bigint: "(bigint)",
  synthetic: "(synthetic)",
};

/** What `heap compare` calls the kind of thing that a node is. */
export interface ConstructorNames {
  /** The same number for the same constructor. */
  readonly keyOf: (node: number) => number;
  readonly nameOfKey: (key: number) => string;
}

export function constructorNames(graph: HeapGraph): ConstructorNames {
  const isNamed = graph.nodeTypes.map((type) => NAMED.has(type));
  return {
    keyOf(node) {
      const type = graph.typeOf[node] ?? 0;
      return isNamed[type] === true ? (graph.nameOf[node] ?? 0) : -1 - type;
    },
    nameOfKey(key) {
      if (key >= 0) return graph.text(key);
      return LABELS[graph.nodeTypes[-1 - key] ?? ""] ?? "(unknown)";
    },
  };
}

/** One line, of bounded length, without anything that a terminal might obey. */
export function shorten(name: string): string {
  const plain = name.replaceAll(/\p{C}/gu, "?");
  return plain.length <= MAX_NAME_LENGTH ? plain : `${plain.slice(0, MAX_NAME_LENGTH - 1)}…`;
}

/** How one step of a path is shown. */
export interface StepNames {
  node(node: number): string;
  /** `variable sessions`, `.sessions`, `[…]`, `(internal)`. */
  edge(edge: number): string;
}

/** The kinds of nodes that hold the names which compiled code uses. What code has met while it ran lies elsewhere. */
const CONSTANTS = "(constant pool)";

export function stepNames(graph: HeapGraph): StepNames {
  const { nodeTypes, edgeTypes, typeOf, nameOf, edgeTypeOf, edgeNameOf } = graph;
  const { keyOf, nameOfKey } = constructorNames(graph);
  const inCode = textsInCode(graph);
  return {
    node(node) {
      const type = nodeTypes[typeOf[node] ?? 0];
      // Roots have names that V8 gives them.
      if (type === "synthetic") return shorten(graph.text(nameOf[node] ?? 0)) || "(root)";
      if (type === "closure") {
        const name = graph.text(nameOf[node] ?? 0);
        return name === "" ? "function" : `function ${shorten(name)}`;
      }
      return shorten(nameOfKey(keyOf(node)));
    },
    edge(edge) {
      const name = edgeNameOf[edge] ?? 0;
      switch (edgeTypes[edgeTypeOf[edge] ?? 0]) {
        case "context":
          return `variable ${shorten(graph.text(name))}`;
        case "property":
          return inCode.has(name) ? `.${shorten(graph.text(name))}` : ".…";
        case "element":
          return "[…]";
        case "internal": {
          const text = graph.text(name);
          // Most are numbers; those of weak maps tell what their keys are.
          return /^[a-z][a-z_]{1,40}$/.test(text) ? `(${text})` : "(internal)";
        }
        case undefined:
        default:
          return "(internal)";
      }
    },
  };
}

/** Numbers of the texts that stand in compiled code. */
function textsInCode(graph: HeapGraph): ReadonlySet<number> {
  const { nodeTypes, typeOf, nameOf, firstEdge, targetOf } = graph;
  const code = nodeTypes.indexOf("code");
  const string = nodeTypes.indexOf("string");
  const found = new Set<number>();
  const isPool = new Map<number, boolean>();
  for (let node = 0; node < graph.nodeCount; node += 1) {
    if (typeOf[node] !== code) continue;
    const name = nameOf[node] ?? 0;
    const known = isPool.get(name) ?? graph.text(name) === CONSTANTS;
    isPool.set(name, known);
    if (!known) continue;
    const end = firstEdge[node + 1] ?? 0;
    for (let edge = firstEdge[node] ?? 0; edge < end; edge += 1) {
      const target = targetOf[edge] ?? 0;
      if (typeOf[target] === string) found.add(nameOf[target] ?? 0);
    }
  }
  return found;
}
