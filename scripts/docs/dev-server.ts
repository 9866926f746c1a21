// Starts a development server, of its own data folder and port, for the pages' commands to talk to.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface DevServer {
  readonly url: string;
  readonly dataFolder: string;
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

export async function startDevServer(root: string): Promise<DevServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), "mainspring-docs-data-"));
  const main = join(root, "packages/server/bin/mainspring.js");
  const catalog = join(root, "packages/server/catalogs/clockwork-foundry.json");
  const args = [main, "serve", "--dev", "--port", "0", "--data", dataFolder, "--catalog", catalog];
  // Nothing of the tester's own environment may speak for the settings.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("MAINSPRING_")),
  );
  const server = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => {
    server.once("exit", () => resolve());
  });
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    await ended;
    rmSync(dataFolder, { recursive: true, force: true });
  };

  const address = new Promise<string>((resolve, reject) => {
    let output = "";
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`The server ${why}. It printed:\n${output}`));
    };
    const timer = setTimeout(() => fail("gave no address in time"), startTimeoutMs);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const [url] = /http:\/\/[\w.:[\]-]+/.exec(output) ?? [];
      // Only a whole line has the whole address.
      if (url === undefined || !output.slice(output.indexOf(url)).includes("\n")) return;
      clearTimeout(timer);
      resolve(url);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.once("exit", () => fail("ended"));
  });

  try {
    return { url: await address, dataFolder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
