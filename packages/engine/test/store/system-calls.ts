/**
 * Runs a program under strace and reads what it wrote: every write to a file in the order in which the kernel was asked,
 * with its bytes, and every flush with the moments at which it began and ended.
 */
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { ensureDebianPackage } from "../../../../scripts/ensure-debian-package.mjs";

/** What the store, and Node.js for it, may use to change a file. */
const TRACED =
  "openat,close,lseek,write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,msync,ftruncate,rename,mkdir";

/** A system call. Moments count the lines of the log: what has the smaller one happened before. */
export interface SystemCall {
  readonly name: string;
  readonly argumentText: string;
  readonly beganAt: number;
  /** When it returned; `Infinity` if it never did. */
  endedAt: number;
  result: string;
}

export interface TraceOptions {
  readonly script: string;
  readonly argument: string;
  /** Where to put strace's log. */
  readonly logPath: string;
  /** More options for strace, such as faults to inject. */
  readonly straceOptions?: readonly string[];
}

export interface Traced {
  readonly exitCode: number | null;
  readonly output: readonly string[];
  readonly errors: string;
}

/** @throws Error when strace is missing and can't be installed, with how to get it */
export async function runTraced(options: TraceOptions): Promise<Traced> {
  const strace = ensureDebianPackage({
    program: "strace",
    packageName: "strace",
    purpose: "records what the store writes to the disk and when it flushes",
  });
  // Bytes in hexadecimal, nothing abbreviated, all threads.
  const format = ["-f", "-q", "-v", "-xx", "-s", String(16 * 1024 ** 2), "-o", options.logPath];
  const given = [...format, "-e", `trace=${TRACED}`, ...(options.straceOptions ?? [])];
  const child = spawn(strace, [...given, process.execPath, options.script, options.argument], {
    stdio: ["ignore", "pipe", "pipe"],
    // strace counts the calls of each thread by itself; with one in the pool, "the fourth flush" means something.
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { exitCode, output: output.split("\n").filter((line) => line !== ""), errors };
}

const WHOLE = /^(\d+) +(\w+)\((.*)\) += (.*)$/;
const BEGUN = /^(\d+) +(\w+)\((.*?) ?<unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (.*)$/;

/** The calls of a log, in the order in which they began. */
export async function readCalls(logPath: string): Promise<readonly SystemCall[]> {
  const calls: SystemCall[] = [];
  const open = new Map<string, SystemCall>();
  let moment = 0;
  for await (const line of createInterface({
    input: createReadStream(logPath, "latin1"),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    moment += 1;
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      const call = open.get(String(resumed[1]));
      if (call === undefined)
        throw new Error(`The log resumes a call that never began: ${line.slice(0, 120)}`);
      call.endedAt = moment;
      call.result = String(resumed[4]);
      continue;
    }
    const begun = BEGUN.exec(line);
    const [, thread, name, argumentText, result] = begun ?? WHOLE.exec(line) ?? [];
    if (thread === undefined || name === undefined || argumentText === undefined) continue;
    const call = { name, argumentText, beganAt: moment, endedAt: Number.POSITIVE_INFINITY, result: "" };
    calls.push(call);
    if (begun === null) {
      call.endedAt = moment;
      call.result = String(result);
    } else open.set(thread, call);
  }
  return calls;
}

/** The bytes of strace's `"\x61\x62"`, of all such strings in a text. */
export function bytesIn(text: string): Buffer {
  const strings = [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)];
  if (strings.some(([, , cut]) => cut !== undefined)) throw new Error("strace cut a string short.");
  return Buffer.from(strings.map(([, digits]) => String(digits).replaceAll("\\x", "")).join(""), "hex");
}
