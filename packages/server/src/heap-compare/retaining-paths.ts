/** What holds an object: the shortest way to it from a root, along edges that keep alive. */
import type { HeapGraph } from "./read-graph.js";
import type { StepNames } from "./shown-names.js";

export interface PathStep {
  /** How the step before holds this one; empty for the root. */
  readonly by: string;
  readonly what: string;
}

export interface RetainingPath {
  /** From a root to the object. */
  readonly steps: readonly PathStep[];
  /** Of so many objects that were looked at, so many are held like this. */
  readonly lookedAt: number;
  readonly alike: number;
}

/** Objects of a constructor that are looked at. */
const MAX_LOOKED_AT = 500;

/** Longer paths are shown from their end: lists that hang one on the other have no end. */
const MAX_STEPS = 40;

const ROOT = 0;

export interface RetainingPaths {
  /** The path that most of these nodes are held by; `null` where none is to be found. */
  commonest(nodes: readonly number[]): RetainingPath | null;
}

export function retainingPaths(graph: HeapGraph, names: StepNames): RetainingPaths {
  const heldBy = shortestEdges(graph);
  const sourceOf = (edge: number): number => sourceOfEdge(graph, edge);
  const pathTo = (node: number): PathStep[] | null => {
    const steps: PathStep[] = [];
    for (let at = node; at !== ROOT; ) {
      const edge = heldBy[at];
      if (edge === undefined || edge === NONE) return null;
      steps.push({ by: names.edge(edge), what: names.node(at) });
      if (steps.length === MAX_STEPS) return [{ by: "", what: "…" }, ...steps.reverse()];
      at = sourceOf(edge);
    }
    return steps.reverse();
  };
  return {
    commonest(nodes) {
      const found = new Map<string, { readonly steps: readonly PathStep[]; alike: number }>();
      const stride = Math.max(1, Math.ceil(nodes.length / MAX_LOOKED_AT));
      let lookedAt = 0;
      for (let at = 0; at < nodes.length; at += stride) {
        lookedAt += 1;
        const steps = pathTo(nodes[at] ?? ROOT);
        if (steps === null) continue;
        const key = JSON.stringify(steps);
        const known = found.get(key);
        if (known === undefined) found.set(key, { steps, alike: 1 });
        else known.alike += 1;
      }
      let best: { readonly steps: readonly PathStep[]; alike: number } | null = null;
      for (const path of found.values()) {
        if (best === null || path.alike > best.alike) best = path;
      }
      return best === null ? null : { ...best, lookedAt };
    },
  };
}

/** No edge. */
const NONE = 0xffff_ffff;

/** V8 writes the table of texts as a root like others, but what stands in it alone is collected. */
const WEAK_ROOT = "(Internalized strings)";

/** For each node the last edge of a shortest way from the root, breadth first. Weak edges keep nothing alive. */
function shortestEdges(graph: HeapGraph): Uint32Array {
  const { nodeCount, firstEdge, edgeTypeOf, edgeTypes, targetOf } = graph;
  const weak = edgeTypes.indexOf("weak");
  const synthetic = graph.nodeTypes.indexOf("synthetic");
  const heldBy = new Uint32Array(nodeCount).fill(NONE);
  const queue = new Uint32Array(nodeCount);
  let queued = 1;
  // The root stands in the queue from the start, and is never entered again.
  for (let next = 0; next < queued; next += 1) {
    const node = queue[next] ?? 0;
    if (graph.typeOf[node] === synthetic && graph.text(graph.nameOf[node] ?? 0) === WEAK_ROOT) continue;
    const end = firstEdge[node + 1] ?? 0;
    for (let edge = firstEdge[node] ?? 0; edge < end; edge += 1) {
      const target = targetOf[edge] ?? 0;
      if (edgeTypeOf[edge] === weak || target === ROOT || heldBy[target] !== NONE) continue;
      heldBy[target] = edge;
      queue[queued] = target;
      queued += 1;
    }
  }
  return heldBy;
}

/** Whose edge it is: edges lie in the order of their nodes. */
function sourceOfEdge({ firstEdge, nodeCount }: HeapGraph, edge: number): number {
  let low = 0;
  let high = nodeCount;
  // The greatest node whose first edge is not behind this one.
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((firstEdge[middle] ?? 0) <= edge) low = middle;
    else high = middle;
  }
  return low;
}
