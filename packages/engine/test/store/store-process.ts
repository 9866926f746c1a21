/** Runs the scripts beside this file as processes of their own, and reads what they say, line by line. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface StoreProcess {
  readonly pid: number;
  /** What it has said so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, from the beginning on, for which this is true. Rejects if it ends without. */
  said(isIt: (line: string) => boolean): Promise<string>;
  /** Says a line to it. */
  say(line: string): void;
  signal(signal: NodeJS.Signals): void;
  /** Kills it as `kill -9` does, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves with its exit code when it has ended and everything it said is here. */
  ended(): Promise<number | null>;
}

export function startProcess(script: "player-load.mjs" | "folder-owner.mjs", options: object): StoreProcess {
  return startProgram(new URL(script, import.meta.url), [JSON.stringify(options)]);
}

/** Runs any program of Node.js. */
export function startProgram(program: URL, args: readonly string[]): StoreProcess {
  const path = fileURLToPath(program);
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(process.execPath, [path, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let errors = "";
  let waiting: readonly (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const progress: { exit?: { readonly code: number | null } } = {};
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    wake();
  });
  child.once("close", (code) => {
    progress.exit = { code };
    wake();
  });
  const change = async () =>
    new Promise<void>((resolve) => {
      waiting = [...waiting, resolve];
    });
  const ended = async () => {
    while (progress.exit === undefined) await change();
    return progress.exit.code;
  };
  return {
    pid: child.pid ?? -1,
    lines,
    async said(isIt) {
      for (;;) {
        const line = lines.find(isIt);
        if (line !== undefined) return line;
        if (progress.exit !== undefined) throw new Error(`${path} ended without saying it. ${errors}`);
        await change();
      }
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill("SIGKILL");
      await ended();
    },
    ended,
  };
}
