/**
 * `npm run bench`: measures the budgets of the project and prints them as a table.
 *
 *     npm run bench -- [row …] [--million] [--quick] [--json]
 *
 * Without names it measures all rows but those that take long to prepare. It ends with 1 if a row could not be measured;
 * a missed budget is a result.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machineLine } from "./machine.js";
import { createReleases, onInterrupt } from "./releases.js";
import { markdownOf, type Failure } from "./report.js";
import type { Finding } from "./row.js";
import { ROWS } from "./row-list.js";
import type { RowAnswer, RowOrder } from "./row-process.js";

const ROW_PROCESS = fileURLToPath(new URL("row-process.js", import.meta.url));

/** How long a row may take to clean up before it is killed. */
const STOP_TIMEOUT_MS = 15_000;

interface Choice {
  readonly names: readonly string[];
  readonly isQuick: boolean;
  readonly isJson: boolean;
}

function choiceOf(args: readonly string[]): Choice {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      million: { type: "boolean", default: false },
    },
  });
  for (const name of positionals) {
    if (!ROWS.some((row) => row.name === name)) {
      throw new Error(`There is no row ${name}. There are: ${ROWS.map((row) => row.name).join(", ")}.`);
    }
  }
  const isChosen = (name: string, isOnDemand: boolean): boolean =>
    positionals.length === 0 ? !isOnDemand : positionals.includes(name);
  const names = ROWS.filter(
    ({ name, isOnDemand }) => isChosen(name, isOnDemand) || (values.million && name === "million-players"),
  ).map(({ name }) => name);
  return { names, isQuick: values.quick, isJson: values.json };
}

async function measureRow(order: RowOrder, onStart: (child: ChildProcess) => void): Promise<RowAnswer> {
  const child = fork(ROW_PROCESS, [], {
    execArgv: ["--expose-gc"],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    // Standard output is for the table alone.
    stdio: ["ignore", process.stderr, "inherit", "ipc"],
  });
  onStart(child);
  return new Promise((resolve) => {
    let answer: RowAnswer = { isMeasured: false, reason: "Its process ended without an answer." };
    child.once("message", (message: RowAnswer) => {
      answer = message;
    });
    child.once("error", (error) => {
      answer = { isMeasured: false, reason: error.message };
    });
    child.once("close", () => resolve(answer));
    child.send(order);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
}

async function main(): Promise<void> {
  const { names, isQuick, isJson } = choiceOf(process.argv.slice(2));
  const machine = machineLine();
  const startedAtMs = performance.now();
  const root = mkdtempSync(join(tmpdir(), "mainspring-bench-"));
  const { defer, releaseAll } = createReleases();
  defer(() => rmSync(root, { recursive: true, force: true }));
  onInterrupt(releaseAll);
  const findings: Finding[] = [];
  const failures: Failure[] = [];
  for (const name of names) {
    console.error(`bench: ${name} …`);
    const folder = join(root, name);
    mkdirSync(folder);
    const answer = await measureRow({ name, isQuick, folder }, (child) => defer(() => stop(child)));
    if (answer.isMeasured) findings.push(...answer.findings);
    else failures.push({ name, reason: answer.reason });
    rmSync(folder, { recursive: true, force: true });
  }
  await releaseAll();
  const tookSeconds = Math.round((performance.now() - startedAtMs) / 1000);
  const report = { machine, isQuick, findings, failures, tookSeconds };
  console.log(isJson ? JSON.stringify(report, null, 2) : markdownOf(report));
  if (failures.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
