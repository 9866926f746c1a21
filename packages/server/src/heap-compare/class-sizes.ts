/** How many objects of each constructor there are and what they retain, as the library for reading heap snapshots tells. */
import { MainspringError } from "@mainspring/core";

export interface ClassSize {
  readonly count: number;
  /**
   * What would be free without all objects of this constructor: each byte counts once, though it may count for other constructors
   * as well.
   */
  readonly retainedBytes: number;
}

export type ClassSizes = ReadonlyMap<string, ClassSize>;

export type ReadClassSizes = (bytes: Uint8Array, path: string) => ClassSizes;

/** More constructors than any program has. */
const ALL = 0xffff_ffff;

/** @throws MainspringError `CONFIG_INVALID` when the library is not installed: it is optional, for this command alone */
export async function loadClassSizes(): Promise<ReadClassSizes> {
  const library = await import("@vscode/v8-heap-parser").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new MainspringError(
      "CONFIG_INVALID",
      "To read heap snapshots takes a library that servers do without. Get it with: npm install --save-dev @vscode/v8-heap-parser@0.1.0",
      {},
      { cause: error },
    );
  });
  return (bytes, path) => {
    try {
      const graph = library.decode_bytes(bytes);
      const sizes = new Map<string, ClassSize>();
      for (const group of graph.get_class_groups(0, ALL, false)) {
        sizes.set(group.name(), { count: group.children_len, retainedBytes: Number(group.retained_size) });
        group.free();
      }
      // The next snapshot takes the same memory. What failed half-way can't be freed.
      graph.free();
      return sizes;
    } catch (error) {
      // What the library says may show what stands in the file.
      throw new MainspringError(
        "INVALID_REQUEST",
        `The library can't read ${path}: it is damaged, or of a version of Node.js that the library doesn't know.`,
        {},
        { cause: error },
      );
    }
  };
}
