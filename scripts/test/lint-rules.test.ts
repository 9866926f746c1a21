// The lint rules bite: small offences, laid out like the repository, are found one by one, and nothing else is.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Sample {
  /** What the rules say about it, as the end of a sentence. */
  readonly title: string;
  /** The folder it is put in; each sample is a file of its own there, or `file` where the name matters. */
  readonly folder: string;
  readonly file?: string;
  readonly code: string;
}

interface Offence extends Sample {
  readonly rule: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

const direction = "mainspring(direction)";
const globals = "eslint(no-restricted-globals)";
const properties = "eslint(no-restricted-properties)";
const power = "mainspring(no-float-power)";

const core = "packages/core/src/settle";
const service = "packages/engine/src/service";
const lmdb = "packages/engine/src/store/lmdb";
const testing = "packages/engine/src/testing";
const server = "packages/server/src";

const offences: readonly Offence[] = [
  // Who may import whom.
  { title: "core imports Node.js", folder: core, code: `import "node:fs";`, rule: direction },
  { title: "core imports the engine", folder: core, code: `import "@mainspring/engine";`, rule: direction },
  { title: "core imports any package", folder: core, code: `import "typebox";`, rule: direction },
  {
    title: "core imports the engine's sources by path",
    folder: core,
    code: `import "../../../engine/src/ports.js";`,
    rule: direction,
  },
  {
    title: "the engine imports the server",
    folder: service,
    code: `import "@mainspring/server";`,
    rule: direction,
  },
  {
    title: "the engine imports itself by name",
    folder: service,
    code: `import "@mainspring/engine/lmdb";`,
    rule: direction,
  },
  {
    title: "the service imports a store",
    folder: service,
    code: `import "../store/lmdb/index.js";`,
    rule: direction,
  },
  {
    title: "the service re-exports from a store",
    folder: service,
    code: `export { a } from "../store/lmdb/a.js";`,
    rule: direction,
  },
  {
    title: "the service imports a store's types",
    folder: service,
    code: `export type A = import("../store/lmdb/a.js").A;`,
    rule: direction,
  },
  {
    title: "the service loads a store when it runs",
    folder: service,
    code: `export const a = () => import("../store/lmdb/index.js");`,
    rule: direction,
  },
  {
    title: "the service loads what nobody can foresee",
    folder: service,
    code: `export const a = (name: string): Promise<unknown> => import(name);`,
    rule: direction,
  },
  { title: "the service imports LMDB", folder: service, code: `import "lmdb";`, rule: direction },
  {
    title: "a store imports the service",
    folder: lmdb,
    code: `import "../../service/index.js";`,
    rule: direction,
  },
  {
    title: "a store imports another store",
    folder: lmdb,
    code: `import "../memory/index.js";`,
    rule: direction,
  },
  {
    title: "the contract suites import a store",
    folder: testing,
    code: `import "../store/memory/index.js";`,
    rule: direction,
  },
  {
    title: "a folder imports what puts the engine together",
    folder: testing,
    code: `import "../create-engine.js";`,
    rule: direction,
  },
  {
    title: "the server imports the engine's sources by path",
    folder: server,
    code: `import "../../engine/src/index.js";`,
    rule: direction,
  },
  {
    title: "the server imports the benchmarks",
    folder: server,
    code: `import "@mainspring/bench";`,
    rule: direction,
  },
  {
    title: "a folder of the engine is not in the plan",
    folder: "packages/engine/src/attic",
    code: `export {};`,
    rule: direction,
  },

  // The rules see no clock, no chance and no inexact arithmetic.
  { title: "core reads the clock", folder: core, code: `export const a = Date.now();`, rule: globals },
  { title: "core makes a date", folder: core, code: `export const a = new Date();`, rule: globals },
  {
    title: "core reaches the clock in a roundabout way",
    folder: core,
    code: `export const a = globalThis.Date.now();`,
    rule: globals,
  },
  { title: "core sets a timer", folder: core, code: `setTimeout(() => 0, 1);`, rule: globals },
  {
    title: "core draws a random number",
    folder: core,
    code: `export const a = Math.random();`,
    rule: properties,
  },
  {
    title: "core takes random out of Math",
    folder: core,
    code: `const { random } = Math; export const a = random();`,
    rule: properties,
  },
  ...["pow", "exp", "log", "log2", "sin", "cos", "atan2", "cbrt", "sqrt", "hypot"].map((name) => ({
    title: `core computes with Math.${name}`,
    folder: core,
    code: `export const a = (b: number) => Math["${name}"](b, 2);`,
    rule: properties,
  })),
  {
    title: "core raises a number to a power",
    folder: core,
    code: `export const a = (b: number) => b ** 2;`,
    rule: power,
  },
  {
    title: "core raises a number in place",
    folder: core,
    code: `export const a = (b: number) => { b **= 2; return b; };`,
    rule: power,
  },
  {
    title: "core sorts by locale",
    folder: core,
    code: `export const a = (b: string) => b.localeCompare("c");`,
    rule: properties,
  },

  // Everywhere.
  {
    title: "two files import each other",
    folder: core,
    file: "hen.ts",
    code: `import { egg } from "./egg.js"; export const hen = () => egg();`,
    rule: "import(no-cycle)",
  },
  {
    title: "core writes to the console",
    folder: core,
    code: `console.log("tick");`,
    rule: "eslint(no-console)",
  },
  {
    title: "the engine writes to the console",
    folder: service,
    code: `console.log("tick");`,
    rule: "eslint(no-console)",
  },
  {
    title: "anything is any",
    folder: server,
    code: `export const a = (b: any): unknown => b;`,
    rule: "typescript(no-explicit-any)",
  },
  {
    title: "a default is exported",
    folder: server,
    code: `export default 1;`,
    rule: "import(no-default-export)",
  },
  {
    title: "null is waved away",
    folder: server,
    code: `export const a = (b: string | null): string => b!;`,
    rule: "typescript(no-non-null-assertion)",
  },
  {
    title: "values are compared loosely",
    folder: server,
    code: `export const a = (b: unknown): boolean => b == 1;`,
    rule: "eslint(eqeqeq)",
  },
  {
    title: "a promise is let go",
    folder: server,
    code: `const a = async (): Promise<number> => 1; a();`,
    rule: "typescript(no-floating-promises)",
  },
  {
    title: "a promise is taken for an answer",
    folder: server,
    code: `const a = async (): Promise<boolean> => true; export const b = [1].filter(() => a());`,
    rule: "typescript(no-misused-promises)",
  },
  {
    title: "a switch forgets a case",
    folder: server,
    code: `export const a = (b: "c" | "d"): void => { switch (b) { case "c": a("d"); } };`,
    rule: "typescript(switch-exhaustiveness-check)",
  },
  {
    title: "a file is too long",
    folder: server,
    code: Array.from({ length: 401 }, (_, n) => `export const a${n} = ${n};`).join("\n"),
    rule: "eslint(max-lines)",
  },
  {
    title: "a function is too long",
    folder: server,
    code: `export function a(b: number): number {\n${"  b += 1;\n".repeat(70)}  return b;\n}`,
    rule: "eslint(max-lines-per-function)",
  },
];

const innocents: readonly Sample[] = [
  { title: "core imports core", folder: core, code: `export * from "../catalog/catalog.js";` },
  {
    title: "core raises a BigInt to a power",
    folder: core,
    code: `export const a = (b: bigint, c: number) => b ** BigInt(c) + 10n ** b;`,
  },
  {
    title: "core raises what is declared as bigint",
    folder: core,
    code: `export function a(b: bigint, c: bigint): bigint {\n  const d = b + c;\n  return d ** c;\n}`,
  },
  {
    title: "core computes with exact Math and bits",
    folder: core,
    code: `export const a = (b: number) => Math.floor(b) ^ Math.imul(b, 3);`,
  },
  {
    title: "the service imports the ports, the configuration and the record",
    folder: service,
    code: `export * from "../ports.js";\nexport * from "../config/index.js";\nexport * from "../record/codec.js";\nexport * from "@mainspring/core";\nexport * from "node:crypto";`,
  },
  {
    title: "the LMDB store imports LMDB",
    folder: lmdb,
    code: `export * from "lmdb";\nexport * from "../../ports.js";`,
  },
  {
    title: "what puts the engine together imports all of it",
    folder: "packages/engine/src",
    file: "create-engine.ts",
    code: `export * from "./service/service.js";\nexport const open = () => import("./store/lmdb/index.js");`,
  },
  {
    title: "the server imports the engine",
    folder: server,
    code: `export * from "@mainspring/engine";\nexport * from "fastify";`,
  },
  {
    title: "the benchmarks import the server",
    folder: "bench/src",
    code: `export * from "@mainspring/server";\nconsole.log("measured");`,
  },
];

/** Where each sample lies, from the root of the temporary repository. */
const places = new Map<Sample, string>(
  [...offences, ...innocents].map((sample, index) => [
    sample,
    join(sample.folder, sample.file ?? `sample-${index}.ts`),
  ]),
);

let house: string;
/** The rules that fired, by file. */
let fired: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  house = realpathSync(mkdtempSync(join(tmpdir(), "mainspring-lint-")));
  for (const path of [".gitignore", ".oxlintrc.json", "scripts/lint", "tsconfig.base.json"]) {
    cpSync(join(root, path), join(house, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
  write("package.json", JSON.stringify({ type: "module" }));
  write(
    "tsconfig.json",
    JSON.stringify({ extends: "./tsconfig.base.json", compilerOptions: { noEmit: true } }),
  );
  write(join(core, "egg.ts"), `import { hen } from "./hen.js"; export const egg = (): unknown => hen();`);
  for (const [sample, path] of places) write(path, `${sample.code}\n`);
  fired = lint();
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

describe("the linter objects when", () => {
  for (const offence of offences) {
    it(offence.title, () => {
      expect(fired.get(places.get(offence) ?? "")).toContain(offence.rule);
    });
  }
});

describe("the linter has nothing to say when", () => {
  for (const innocent of innocents) {
    it(innocent.title, () => {
      expect(fired.get(places.get(innocent) ?? "")).toBeUndefined();
    });
  }
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

function lint(): ReadonlyMap<string, readonly string[]> {
  const { stdout, stderr } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format=json"], {
    cwd: house,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!stdout.startsWith("{")) throw new Error(`oxlint did not report: ${stdout}${stderr}`);
  const report = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
  const rules = new Map<string, string[]>();
  for (const { filename, code } of report.diagnostics) {
    rules.set(filename, [...(rules.get(filename) ?? []), code]);
  }
  return rules;
}
