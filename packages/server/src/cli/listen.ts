/** Listens where the configuration says, and says what helps where that can't be. */
import { MainspringError } from "@mainspring/core";
import type { ServeConfig } from "../config/serve-schema.js";
import type { Server } from "../create-server.js";

/**
 * @returns the address
 * @throws MainspringError `CONFIG_INVALID`
 */
export async function listen(server: Server, { host, port }: ServeConfig["server"]): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice: Readonly<Record<string, string>> = {
      EADDRINUSE: `Port ${port} on ${host} is taken. Choose another with --port, or a free one with --port 0.`,
      EACCES: `This user may not listen on port ${port}. Choose one above 1023 with --port.`,
      EADDRNOTAVAIL: `This machine has no address ${host}. Choose another with --host.`,
      ENOTFOUND: `There is no host ${host}. Choose another with --host.`,
    };
    throw new MainspringError(
      "CONFIG_INVALID",
      advice[code ?? ""] ?? `The server can't listen on ${host}:${port}: ${message}`,
    );
  }
}
