/** Every bound of taking a heap snapshot, with its unit and its reason. What was measured is in docs/heap.md. */

const MEBIBYTE = 1024 ** 2;

/**
 * Between "not ready" and the snapshot. Load balancers look each 5 to 10 s, and many want to see it twice: who looks less often
 * is given more time. 10 s.
 */
export const DEFAULT_DRAIN_MS = 10_000;

/** A client waits for its answer as long, and gives up after five minutes. 60 s. */
export const MAX_DRAIN_MS = 60_000;

/** After that, requests under way get so long to become few. 2 s. */
export const FEW_REQUESTS_WITHIN_MS = 2_000;

/** Few. One that is under way during the snapshot is not lost, only late. */
export const FEW_REQUESTS = 1;

/** How often it is looked whether the client is still there, and how many requests are under way. */
export const LOOK_MS = 100;

/** Bytes of a snapshot for each byte of used heap: 0.1 (long strings) to 3.4 (arrays of references), measured. */
export const DISK_BYTES_PER_HEAP_BYTE = 4;

/** What stays free on the disk: the store needs some, too. 256 MiB. */
export const DISK_RESERVE_BYTES = 256 * MEBIBYTE;

/**
 * What V8 takes beside the heap, for each byte of used heap, while it makes one. It goes by the number of objects, which V8 doesn't tell
 * beforehand: 4 to 6 with many players, 19 where all is a map of small objects, which is what leaks are made of; measured. (A heap of
 * nothing but objects with a single number takes 34.)
 */
export const MEMORY_BYTES_PER_HEAP_BYTE = 20;

/** What stays free of memory. 64 MiB. */
export const MEMORY_RESERVE_BYTES = 64 * MEBIBYTE;

/** Files in the folder. The next one is refused: what may go, the operator knows. */
export const MAX_SNAPSHOTS_KEPT = 10;
