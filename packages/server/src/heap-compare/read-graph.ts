/**
 * Reads nodes, edges and names out of a heap snapshot's bytes. The library that tells retained sizes knows no names of edges and takes
 * an object apiece for each node; here they are numbers in arrays, and a text is decoded only when it is asked for.
 */
import { MainspringError } from "@mainspring/core";

export interface HeapGraph {
  readonly nodeCount: number;
  /** Index into `nodeTypes`, by node. */
  readonly typeOf: Uint8Array;
  /** Number of a text, by node. */
  readonly nameOf: Uint32Array;
  /** The same in all snapshots of a process, by node. */
  readonly idOf: Uint32Array;
  /** Edges of node `n` are `firstEdge[n]` up to `firstEdge[n + 1]`. */
  readonly firstEdge: Uint32Array;
  /** Index into `edgeTypes`, by edge. */
  readonly edgeTypeOf: Uint8Array;
  /** Number of a text, or of an element, by edge. */
  readonly edgeNameOf: Uint32Array;
  /** A node, by edge. */
  readonly targetOf: Uint32Array;
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  text(number: number): string;
}

interface Header {
  readonly meta: {
    readonly node_fields: readonly string[];
    readonly node_types: readonly unknown[];
    readonly edge_fields: readonly string[];
    readonly edge_types: readonly unknown[];
  };
  readonly node_count: number;
  readonly edge_count: number;
}

/** The header is about 2 KiB. */
const MAX_HEADER_BYTES = 65_536;

const ZERO = 0x30;
const NINE = 0x39;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSING = 0x5d;

/** @throws MainspringError `INVALID_REQUEST` for bytes that are no heap snapshot, are cut off or damaged; `path` is for its words */
export function readGraph(bytes: Buffer, path: string): HeapGraph {
  const { header, endsAt } = headerOf(bytes, path);
  const cutOff = (): MainspringError =>
    new MainspringError(
      "INVALID_REQUEST",
      `${path} is cut off: it was not written, or not copied, to its end.`,
    );
  // Room is made by these numbers: what a file can't hold is not believed. Each number of it takes a digit and what parts it from the next.
  const { node_fields: nodeFields, edge_fields: edgeFields } = header.meta;
  const numbers = header.node_count * nodeFields.length + header.edge_count * edgeFields.length;
  if (2 * numbers > bytes.length) throw cutOff();
  const nodes = readNodes(bytes, { header, from: endsAt, cutOff });
  const edges = readEdges(bytes, { header, from: nodes.endsAt, cutOff });
  if (nodes.firstEdge[header.node_count] !== header.edge_count) throw damaged(path);
  return {
    ...nodes,
    ...edges,
    nodeCount: header.node_count,
    nodeTypes: header.meta.node_types[0] as readonly string[],
    edgeTypes: header.meta.edge_types[0] as readonly string[],
    text: createTexts(bytes, { from: edges.endsAt, path, cutOff }),
  };
}

function headerOf(bytes: Buffer, path: string): { header: Header; endsAt: number } {
  const endsAt = bytes.subarray(0, MAX_HEADER_BYTES).indexOf('"nodes":[');
  const start = bytes.subarray(0, Math.max(0, endsAt)).toString("utf8").trimEnd();
  try {
    const { snapshot } = JSON.parse(`${start.replace(/,$/, "")}}`) as { readonly snapshot: Header };
    const { node_fields: nodeFields, edge_fields: edgeFields, node_types, edge_types } = snapshot.meta;
    const isKnown =
      ["type", "name", "id", "edge_count"].every((field) => nodeFields.includes(field)) &&
      [node_types[0], edge_types[0]].every(Array.isArray) &&
      [snapshot.node_count, snapshot.edge_count].every((count) => Number.isSafeInteger(count) && count >= 0);
    if (isKnown && edgeFields.join() === "type,name_or_index,to_node") return { header: snapshot, endsAt };
  } catch {
    // Said below.
  }
  throw new MainspringError("INVALID_REQUEST", `${path} is not a heap snapshot that V8 has written.`);
}

/** Nothing of what stands in it is said: it may be a secret. */
function damaged(path: string): MainspringError {
  return new MainspringError("INVALID_REQUEST", `${path} is damaged: it is not as V8 writes heap snapshots.`);
}

interface Section {
  readonly header: Header;
  readonly from: number;
  readonly cutOff: () => MainspringError;
}

function readNodes(bytes: Buffer, { header, from, cutOff }: Section) {
  const { node_fields: fields } = header.meta;
  const count = header.node_count;
  const [type, name, id, edgeCount] = ["type", "name", "id", "edge_count"].map((field) =>
    fields.indexOf(field),
  );
  const typeOf = new Uint8Array(count);
  const nameOf = new Uint32Array(count);
  const idOf = new Uint32Array(count);
  const firstEdge = new Uint32Array(count + 1);
  const read = createNumbers(bytes, bytes.indexOf("[", from) + 1, cutOff);
  for (let node = 0; node < count; node += 1) {
    for (let field = 0; field < fields.length; field += 1) {
      const value = read.next();
      if (field === type) typeOf[node] = value;
      else if (field === name) nameOf[node] = value;
      else if (field === id) idOf[node] = value;
      else if (field === edgeCount) firstEdge[node + 1] = (firstEdge[node] ?? 0) + value;
    }
  }
  return { typeOf, nameOf, idOf, firstEdge, endsAt: read.end() };
}

function readEdges(bytes: Buffer, { header, from, cutOff }: Section) {
  const count = header.edge_count;
  const fieldCount = header.meta.node_fields.length;
  const edgeTypeOf = new Uint8Array(count);
  const edgeNameOf = new Uint32Array(count);
  const targetOf = new Uint32Array(count);
  const startsAt = bytes.indexOf('"edges":[', from);
  if (startsAt === -1) throw cutOff();
  const read = createNumbers(bytes, bytes.indexOf("[", startsAt) + 1, cutOff);
  for (let edge = 0; edge < count; edge += 1) {
    edgeTypeOf[edge] = read.next();
    edgeNameOf[edge] = read.next();
    // Told as the place in the list of all nodes' fields.
    targetOf[edge] = read.next() / fieldCount;
  }
  return { edgeTypeOf, edgeNameOf, targetOf, endsAt: read.end() };
}

/** Whole numbers, one after the other, up to the closing bracket. */
function createNumbers(bytes: Buffer, from: number, cutOff: () => MainspringError) {
  let at = from;
  const isDigit = (byte: number | undefined): byte is number =>
    byte !== undefined && byte >= ZERO && byte <= NINE;
  return {
    next(): number {
      // At most a comma and a line's end lie between two numbers.
      while (at < bytes.length && !isDigit(bytes[at])) {
        if (bytes[at] === CLOSING) throw cutOff();
        at += 1;
      }
      if (at >= bytes.length) throw cutOff();
      let value = 0;
      for (let byte = bytes[at]; isDigit(byte); byte = bytes[at]) {
        value = value * 10 + (byte - ZERO);
        at += 1;
      }
      return value;
    },
    /** @returns where the list ends */
    end(): number {
      const closesAt = bytes.indexOf(CLOSING, at);
      if (closesAt === -1) throw cutOff();
      return closesAt;
    },
  };
}

/** The list of texts is the last one. Where each begins is found at once, to see that it is whole. */
function createTexts(
  bytes: Buffer,
  { from, path, cutOff }: Omit<Section, "header"> & { readonly path: string },
): (number: number) => string {
  const startsAt = bytes.indexOf('"strings":[', from);
  if (startsAt === -1) throw cutOff();
  const starts: number[] = [];
  let at = startsAt + '"strings":['.length;
  for (;;) {
    while (at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== CLOSING) at += 1;
    if (at >= bytes.length) throw cutOff();
    if (bytes[at] === CLOSING) break;
    starts.push(at);
    at += 1;
    while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    at += 1;
  }
  starts.push(at);
  return (number) => {
    const [start, end] = [starts[number], starts[number + 1]];
    if (start === undefined || end === undefined) throw cutOff();
    const closesAt = bytes.lastIndexOf(QUOTE, end - 1);
    try {
      return JSON.parse(bytes.toString("utf8", start, closesAt + 1)) as string;
    } catch {
      throw damaged(path);
    }
  };
}
