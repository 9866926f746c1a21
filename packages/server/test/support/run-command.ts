/** Runs the command line in processes of their own, as users do. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { environmentOfOthers } from "./server-process.js";

const MAIN = fileURLToPath(new URL("../../bin/mainspring.js", import.meta.url));

export const FOUNDRY = fileURLToPath(new URL("../../catalogs/clockwork-foundry.json", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mainspring-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command to its end. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the output has this; rejects if the command ends before. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** The same of what goes to standard error: the log. */
  readonly logged: (pattern: RegExp) => Promise<RegExpExecArray>;
}

/** Starts a command that goes on. It is killed at the end of the test, if it still runs then. */
export function start(args: readonly string[], { env = {}, cwd }: RunOptions = {}): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...environmentOfOthers(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const listener of listeners) listener();
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const waitFor = async (pattern: RegExp, text: () => string): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text());
        if (found !== null) resolve(found);
      };
      listeners.add(look);
      void ended.then(() =>
        reject(new Error(`It ended without printing ${String(pattern)}:\n${stdout}${stderr}`)),
      );
      look();
    });
  return {
    child,
    ended,
    printed: async (pattern) => waitFor(pattern, () => stdout),
    logged: async (pattern) => waitFor(pattern, () => stderr),
  };
}

export interface Served extends Started {
  readonly url: string;
  readonly data: string;
}

/** Starts a server on a free port; a development server with the foundry's catalog, unless told otherwise. */
export async function serve(
  options: RunOptions & { readonly data?: string; readonly args?: readonly string[] } = {},
): Promise<Served> {
  const { data = join(temporaryFolder(), "data"), args = ["--dev", "--catalog", FOUNDRY] } = options;
  const server = start(["serve", "--port", "0", "--data", data, ...args], options);
  const [, url = ""] = await server.printed(/^Mainspring is ready at (http:\/\/\S+).*\n/m);
  return { ...server, url, data };
}
