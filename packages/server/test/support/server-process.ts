/** The command line in a process of its own: started for real, stopped politely, or killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../bin/mainspring.js", import.meta.url));

/** A server that isn't ready by then has failed. */
const READY_WITHIN_MS = 60_000;

/** Of what it says the end is kept: so many characters. */
const MAX_SAID = 20_000;

export interface ServerProcess {
  readonly url: string;
  /** Asks it to stop, and waits; its exit code. */
  stop(): Promise<number | null>;
  /** Kill -9. */
  kill(): Promise<void>;
  /** What it has printed, and logged. */
  said(): string;
}

/** Runs `mainspring serve …` and waits until it says where it listens. */
export async function startServerProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  return startChild([command, ...args], env);
}

/** Runs a script with Node.js, and waits until it says where it listens: "ready at http://…". */
export async function startChild(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...args], {
    env: { ...environmentOfOthers(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const hear = (chunk: Buffer): void => {
    said = `${said}${chunk.toString()}`.slice(-MAX_SAID);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const url = await addressOf(child, () => said);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    url,
    stop: () => end("SIGTERM"),
    async kill() {
      await end("SIGKILL");
    },
    said: () => said,
  };
}

async function addressOf(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`The server ${why}. It said:\n${said()}`));
    };
    const timer = setTimeout(() => fail("was not ready in time"), READY_WITHIN_MS);
    const hear = (): void => {
      const [, url] = /ready at (http:\/\/\S+)/.exec(said()) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => fail(`ended with ${code}`));
  });
}

/** This process's environment without what is meant for the tests, or for a server of the tester's own. */
export function environmentOfOthers(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("MAINSPRING_"));
  return Object.fromEntries(others);
}
