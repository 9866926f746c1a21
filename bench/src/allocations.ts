/** An allocation profile, summed up: how much each function allocated itself, and whose code it is. */

/** As the inspector tells it. */
export interface AllocationNode {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

export interface Allocator {
  /** `encode-record encodeRecord:12`, or the package, or what Node.js itself is. */
  readonly name: string;
  readonly bytes: number;
}

export interface Allocations {
  readonly totalBytes: number;
  /** Of our own functions, those that allocated most. */
  readonly own: readonly Allocator[];
  /** All code by whose it is: ours, each package's, Node.js'. */
  readonly owners: readonly Allocator[];
}

const TOLD = 25;

/** Ours, seen from node_modules or from where it lies. */
const OWN_FILE = /packages\/(\w+)\/dist\/(.*)\.js$/;
const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//;

export function allocationsOf(head: AllocationNode): Allocations {
  const own = new Map<string, number>();
  const owners = new Map<string, number>();
  let totalBytes = 0;
  const waiting = [head];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    waiting.push(...node.children);
    const { functionName, url, lineNumber } = node.callFrame;
    const file = OWN_FILE.exec(url);
    const owner = file === null ? ownerOf(url) : `@mainspring/${file[1] ?? ""}`;
    totalBytes += node.selfSize;
    add(owners, owner, node.selfSize);
    if (file === null) continue;
    const name = `${file[1] ?? ""}/${file[2] ?? ""} ${functionName === "" ? "(anonymous)" : functionName}:${lineNumber + 1}`;
    add(own, name, node.selfSize);
  }
  return { totalBytes, own: greatest(own), owners: greatest(owners) };
}

function ownerOf(url: string): string {
  if (url === "") return "the engine of JavaScript, and what is native";
  return PACKAGE.exec(url)?.[1] ?? (url.startsWith("node:") ? "Node.js" : url);
}

function add(sums: Map<string, number>, name: string, bytes: number): void {
  if (bytes > 0) sums.set(name, (sums.get(name) ?? 0) + bytes);
}

function greatest(sums: ReadonlyMap<string, number>): readonly Allocator[] {
  return [...sums]
    .map(([name, bytes]) => ({ name, bytes }))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, TOLD);
}
