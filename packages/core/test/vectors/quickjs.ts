/** QuickJS, another JavaScript engine, with the built package loaded into it module by module. */
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { getQuickJS } from "quickjs-emscripten";
import type { VectorInputs, VectorOutputs } from "./play-vector.mjs";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Modules are named by their path in the package's folder; nothing outside it can be loaded. */
const PROGRAM = `
  import * as core from "dist/index.js";
  import { playVector } from "test/vectors/play-vector.mjs";
  globalThis.outputs = JSON.stringify(JSON.parse(globalThis.inputs).map((history) => playVector(core, history)));
`;

/** Plays histories in QuickJS. */
export async function playInQuickJs(histories: readonly VectorInputs[]): Promise<VectorOutputs[]> {
  const quickJs = await getQuickJS();
  const runtime = quickJs.newRuntime();
  runtime.setModuleLoader(
    (name) => readFileSync(`${packageFolder}/${name}`, "utf8"),
    (base, requested) =>
      requested.startsWith(".") ? posix.join(posix.dirname(base), requested) : posix.normalize(requested),
  );
  const context = runtime.newContext();
  context.newString(JSON.stringify(histories)).consume((text) => context.setProp(context.global, "inputs", text));
  context.unwrapResult(context.evalCode(PROGRAM, "program.mjs", { type: "module" })).dispose();
  const jobs = runtime.executePendingJobs();
  if (jobs.error) throw new Error(`QuickJS: ${String(jobs.error.consume((error) => context.dump(error)))}`);
  const outputs = context.getProp(context.global, "outputs").consume((text) => context.dump(text) as unknown);
  context.dispose();
  runtime.dispose();
  if (typeof outputs !== "string") throw new Error("QuickJS played nothing.");
  return JSON.parse(outputs) as VectorOutputs[];
}
