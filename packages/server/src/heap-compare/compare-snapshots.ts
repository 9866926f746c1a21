/** What grew between two heap snapshots: constructors by what they retain and by number, and what holds the new objects of each. */
import { MainspringError } from "@mainspring/core";
import type { ClassSize, ClassSizes, ReadClassSizes } from "./class-sizes.js";
import { type HeapGraph, readGraph } from "./read-graph.js";
import { retainingPaths, type RetainingPath } from "./retaining-paths.js";
import { constructorNames, shorten, stepNames } from "./shown-names.js";
import { areOfOneProcess, readSnapshotFile, type SameProcess } from "./snapshot-file.js";

export interface Growth {
  readonly constructorName: string;
  readonly before: ClassSize;
  readonly after: ClassSize;
  /** Objects that weren't there before and are still there; `null` if that can't be told. */
  readonly newCount: number | null;
  /** What holds them, or all of them where it can't be told which are new. */
  readonly heldBy: RetainingPath | null;
}

export interface Comparison {
  readonly sameProcess: SameProcess;
  /** Of all that was counted. */
  readonly before: { readonly objects: number };
  readonly after: { readonly objects: number };
  /** The greatest growth first. */
  readonly byRetainedSize: readonly Growth[];
  /** Without the texts, arrays and code that objects are made of: a leak has many times more of those. */
  readonly byCount: readonly Growth[];
}

export interface CompareOptions {
  readonly before: string;
  readonly after: string;
  /** Constructors in each of the two lists. */
  readonly top: number;
  readonly readClassSizes: ReadClassSizes;
}

/** Of the engine itself: what holds them tells nothing. */
const WITHOUT_PATH: ReadonlySet<string> = new Set([
  "(system)",
  "(compiled code)",
  "(unknown)",
  "(synthetic)",
]);

/** `(string)`, `(array)`, `system / Context`: of what objects are made. */
const MATERIAL = /^(?:\(|system \/ )/;

const NOTHING: ClassSize = { count: 0, retainedBytes: 0 };

/** @throws MainspringError `INVALID_REQUEST` for files that are no snapshots, or can't be compared */
export function compareSnapshots({ before, after, top, readClassSizes }: CompareOptions): Comparison {
  const sameProcess = areOfOneProcess(before, after);
  const earlier = readEarlier(before, readClassSizes);
  const bytes = readSnapshotFile(after);
  // The own reader first: it says better what is wrong with a file.
  const graph = readGraph(bytes, after);
  if (sameProcess !== "no" && newestObject(earlier.ids) > newestObject(graph.idOf)) {
    throw new MainspringError(
      "INVALID_REQUEST",
      `${before} was taken after ${after}, or of another process. The earlier one comes first.`,
    );
  }
  const afterSizes = readClassSizes(bytes, after);
  const { objects, untold } = objectsByClass(graph, sameProcess === "no" ? null : earlier.ids);
  const growths = growthsOf(earlier.sizes, afterSizes, (name) => {
    if (sameProcess === "no" || untold.has(name)) return null;
    return objects.get(name)?.length ?? 0;
  });
  const byRetainedSize = greatestGrowth(
    growths,
    top,
    ({ before: from, after: to }) => to.retainedBytes - from.retainedBytes,
  );
  const constructors = growths.filter(({ constructorName }) => !MATERIAL.test(constructorName));
  const byCount = greatestGrowth(constructors, top, ({ before: from, after: to }) => to.count - from.count);
  const paths = retainingPaths(graph, stepNames(graph));
  const told = new Map<string, RetainingPath | null>();
  const withPath = (growth: Growth): Growth => {
    const name = growth.constructorName;
    if (!told.has(name)) {
      told.set(name, WITHOUT_PATH.has(name) ? null : paths.commonest(objects.get(name) ?? []));
    }
    return { ...growth, constructorName: shorten(name), heldBy: told.get(name) ?? null };
  };
  return {
    sameProcess,
    before: { objects: earlier.ids.length },
    after: { objects: graph.nodeCount },
    byRetainedSize: byRetainedSize.map(withPath),
    byCount: byCount.map(withPath),
  };
}

/** Of the earlier one no edges are needed once it is read. */
function readEarlier(path: string, readClassSizes: ReadClassSizes): { ids: Uint32Array; sizes: ClassSizes } {
  const bytes = readSnapshotFile(path);
  const ids = readGraph(bytes, path).idOf.sort();
  return { ids, sizes: readClassSizes(bytes, path) };
}

interface ObjectsByClass {
  readonly objects: ReadonlyMap<string, readonly number[]>;
  /** Constructors of which can't be told what is new: objects of Node.js itself get another id in each snapshot. */
  readonly untold: ReadonlySet<string>;
}

/** Nodes by the name of their constructor; with ids, those alone that weren't there. */
function objectsByClass(graph: HeapGraph, earlier: Uint32Array | null): ObjectsByClass {
  const { keyOf, nameOfKey } = constructorNames(graph);
  const native = graph.nodeTypes.indexOf("native");
  const isUntold = (node: number) => graph.typeOf[node] === native || !isCounted(graph.idOf[node] ?? 0);
  const byKey = new Map<number, number[]>();
  const untoldKeys = new Set<number>();
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const key = keyOf(node);
    if (isUntold(node)) untoldKeys.add(key);
    else if (earlier !== null && has(earlier, graph.idOf[node] ?? 0)) continue;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [node]);
    else known.push(node);
  }
  const objects = new Map<string, number[]>();
  for (const [key, nodes] of byKey) {
    const name = nameOfKey(key);
    objects.set(name, [...(objects.get(name) ?? []), ...nodes]);
  }
  return { objects, untold: new Set([...untoldKeys].map((key) => nameOfKey(key))) };
}

function growthsOf(
  before: ClassSizes,
  after: ClassSizes,
  newCountOf: (name: string) => number | null,
): Growth[] {
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => ({
    constructorName: name,
    before: before.get(name) ?? NOTHING,
    after: after.get(name) ?? NOTHING,
    newCount: newCountOf(name),
    heldBy: null,
  }));
}

/** Those that grew, most first. */
function greatestGrowth(
  growths: readonly Growth[],
  top: number,
  by: (growth: Growth) => number,
): readonly Growth[] {
  return growths
    .filter((growth) => by(growth) > 0)
    .sort((a, b) => by(b) - by(a))
    .slice(0, top);
}

/**
 * V8 gives its own objects odd numbers, counting on whenever a snapshot meets new ones. What isn't V8's own has an even one that is made from
 * its address: another at each snapshot, as likely lower as higher.
 */
function isCounted(id: number): boolean {
  return id % 2 === 1;
}

/** The number of the object that was met last. */
function newestObject(ids: Uint32Array): number {
  let found = 0;
  for (const id of ids) if (isCounted(id)) found = Math.max(found, id);
  return found;
}

/** Whether a sorted list has it. */
function has(sorted: Uint32Array, id: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === id;
}
