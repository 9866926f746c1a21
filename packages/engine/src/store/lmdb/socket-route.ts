/**
 * A way to name sockets in a folder whose path may be longer than what the kernel takes for a socket (108 bytes on
 * Linux, 104 on macOS): through the folder's open descriptor, or else through a short symbolic link.
 */
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Below the least of the systems' limits, with the byte that ends the path. */
const MAX_SOCKET_PATH_BYTES = 103;

export interface SocketRoute {
  /** A path that names the socket `name` of the folder, as long as the route is open. */
  pathOf(name: string): string;
  close(): void;
}

export interface SocketRouteOptions {
  /** How long the sockets' names are. */
  readonly nameBytes: number;
  /** Where a process finds its own descriptors, if anywhere. Default: `/proc/self/fd`. */
  readonly descriptorFolder?: string;
}

export function openSocketRoute(
  folder: string,
  { nameBytes, descriptorFolder = "/proc/self/fd" }: SocketRouteOptions,
): SocketRoute {
  if (Buffer.byteLength(folder) + 1 + nameBytes <= MAX_SOCKET_PATH_BYTES) {
    return { pathOf: (name) => join(folder, name), close: () => undefined };
  }
  if (existsSync(descriptorFolder)) {
    const descriptor = openSync(folder, "r");
    return {
      pathOf: (name) => `${descriptorFolder}/${descriptor}/${name}`,
      close: () => closeSync(descriptor),
    };
  }
  const linkFolder = mkdtempSync(join(tmpdir(), "ms-"));
  const link = join(linkFolder, "d");
  symlinkSync(folder, link);
  return {
    pathOf: (name) => join(link, name),
    close: () => rmSync(linkFolder, { recursive: true, force: true }),
  };
}
