/**
 * Looks at LMDB's data file before LMDB does. lmdb 3.5.6 crashes the process when it fails to open an environment (it
 * frees memory that it goes on to use), and a read beyond the end of a file that was cut short kills it as well; so what
 * can be found out without it is.
 *
 * The file may end before the last page that it counts, when the last pages are free and were never written. So where it
 * does, the pages that are in use are followed from the root, to tell this from a file that was cut.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

const MAGIC = 0xbeefc0de;
/** Of the LMDB that lmdb brings along. */
const DATA_VERSION = 2;

const HEADER_BYTES = 24;
const META_FLAG = 0x08;
const BRANCH_FLAG = 0x01;
const LEAF_FLAG = 0x02;
const BIG_DATA_FLAG = 0x01;
const SUB_TABLE_FLAG = 0x02;
/** An empty table's root. */
const NO_PAGE = 2n ** 64n - 1n;

const MIN_PAGE_BYTES = 512;
const MAX_PAGE_BYTES = 65_536;

interface Meta {
  readonly pageBytes: number;
  readonly roots: readonly bigint[];
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

interface DataFile {
  readonly sizeBytes: number;
  readonly pageBytes: number;
  /** @throws Error when the file ends before the page does */
  readPage(page: bigint, pageCount?: bigint): Buffer;
}

/**
 * @param folder the environment's
 * @throws Error that says what is wrong, or the file system's own when the files can't be opened for reading and writing
 */
export function checkDataFile(folder: string): void {
  const lockPath = join(folder, "lock.mdb");
  if (existsSync(lockPath)) closeSync(openSync(lockPath, "r+"));
  const descriptor = openSync(join(folder, "data.mdb"), "r+");
  try {
    const first = readMeta(descriptor, 0);
    const second = readMeta(descriptor, first.pageBytes);
    const latest = first.transaction >= second.transaction ? first : second;
    // Looked at after the meta pages: a running server writes those last.
    const sizeBytes = fstatSync(descriptor).size;
    if (BigInt(sizeBytes) >= (latest.lastPage + 1n) * BigInt(latest.pageBytes)) return;
    const file = openFile(descriptor, sizeBytes, latest.pageBytes);
    for (const root of latest.roots) followPages(file, root);
  } finally {
    closeSync(descriptor);
  }
}

function readMeta(descriptor: number, at: number): Meta {
  const page = Buffer.alloc(HEADER_BYTES + 144);
  const isRead = readSync(descriptor, page, 0, page.length, at) === page.length;
  const pageBytes = page.readUInt32LE(HEADER_BYTES + 24);
  const isMeta =
    isRead &&
    (page.readUInt16LE(18) & META_FLAG) !== 0 &&
    page.readUInt32LE(HEADER_BYTES) === MAGIC &&
    pageBytes >= MIN_PAGE_BYTES &&
    pageBytes <= MAX_PAGE_BYTES;
  if (!isMeta) throw new Error("data.mdb is no LMDB data file, or its beginning is damaged: restore a copy.");
  const version = page.readUInt32LE(HEADER_BYTES + 4);
  if (version !== DATA_VERSION)
    throw new Error(`data.mdb has LMDB's format ${version}, not ${DATA_VERSION}.`);
  return {
    pageBytes,
    roots: [page.readBigUInt64LE(HEADER_BYTES + 64), page.readBigUInt64LE(HEADER_BYTES + 112)],
    lastPage: page.readBigUInt64LE(HEADER_BYTES + 120),
    transaction: page.readBigUInt64LE(HEADER_BYTES + 128),
  };
}

function openFile(descriptor: number, sizeBytes: number, pageBytes: number): DataFile {
  return {
    sizeBytes,
    pageBytes,
    readPage(page, pageCount = 1n) {
      const end = (page + pageCount) * BigInt(pageBytes);
      if (end > BigInt(sizeBytes)) {
        throw new Error(
          `data.mdb has ${sizeBytes} bytes, but its content reaches ${end}. It was cut short: restore a copy.`,
        );
      }
      const buffer = Buffer.alloc(pageBytes);
      readSync(descriptor, buffer, 0, pageBytes, Number(page) * pageBytes);
      return buffer;
    },
  };
}

/** Reads every page of a table, and of the tables in it. */
function followPages(file: DataFile, root: bigint): void {
  const pending = root === NO_PAGE ? [] : [root];
  let left = file.sizeBytes / file.pageBytes;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const page = file.readPage(next);
    const flags = page.readUInt16LE(18);
    left -= 1;
    // Each page is in use once: more than there are would be a circle.
    const isSound = (flags & (BRANCH_FLAG | LEAF_FLAG)) !== 0 && left >= 0;
    if (!isSound) throw new Error(`Page ${next} of data.mdb is damaged: restore a copy.`);
    const nodeCount = page.readUInt16LE(20) / 2;
    for (let index = 0; index < nodeCount; index += 1) {
      const node = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + index * 2);
      pending.push(...(flags & BRANCH_FLAG ? [childOf(page, node)] : followLeaf(file, page, node)));
    }
  }
}

function childOf(page: Buffer, node: number): bigint {
  return (
    BigInt(page.readUInt16LE(node)) |
    (BigInt(page.readUInt16LE(node + 2)) << 16n) |
    (BigInt(page.readUInt16LE(node + 4)) << 32n)
  );
}

/** @returns the root of the table that this entry holds, if it holds one */
function followLeaf(file: DataFile, page: Buffer, node: number): readonly bigint[] {
  const flags = page.readUInt16LE(node + 4);
  const data = node + 8 + page.readUInt16LE(node + 6);
  if ((flags & BIG_DATA_FLAG) !== 0) {
    const sizeBytes = page.readUInt32LE(node);
    const pageCount = Math.ceil((HEADER_BYTES + sizeBytes) / file.pageBytes);
    file.readPage(page.readBigUInt64LE(data), BigInt(pageCount));
  }
  if ((flags & SUB_TABLE_FLAG) === 0) return [];
  const root = page.readBigUInt64LE(data + 40);
  return root === NO_PAGE ? [] : [root];
}
