// What the pages show is true: their TypeScript compiles, their JSON parses, their commands exist, and what they
// mark with `run` runs and prints what it promises.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { type CodeBlock, codeBlocksOf, pagesOf, promisesOf } from "../docs/code-blocks.js";
import { type DevServer, startDevServer } from "../docs/dev-server.js";
import { objectionTo, shellCommandsIn } from "../docs/shell-commands.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = pagesOf(root);
const blocks = pages.flatMap((page) => codeBlocksOf(root, page));

/** Shown as they are. */
const unchecked = ["text", "mermaid", "console", "http"];
const checked = ["ts", "json", "jsonc", "yaml", "sh", "bash"];

const runTimeoutMs = 100_000;

describe("the pages", () => {
  it("have code blocks, each with a language that is known here", () => {
    expect(blocks.length).toBeGreaterThan(0);
    const strangers = blocks.filter(({ language }) => ![...unchecked, ...checked].includes(language));
    expect(strangers.map((block) => `${titleOf(block)}: "${block.language}"`)).toEqual([]);
  });
});

const jsonBlocks = blocksIn("json", "jsonc");
if (jsonBlocks.length > 0)
  describe("JSON", () => {
    for (const block of jsonBlocks) {
      it(`${titleOf(block)} parses`, () => {
        const json = block.language === "jsonc" ? withoutComments(block.text) : block.text;
        expect(() => JSON.parse(json) as unknown).not.toThrow();
      });
    }
  });

const yamlBlocks = blocksIn("yaml");
if (yamlBlocks.length > 0)
  describe("YAML", () => {
    for (const block of yamlBlocks) {
      it(`${titleOf(block)} parses`, () => {
        const { errors, warnings } = parseDocument(block.text);
        expect([...errors, ...warnings]).toEqual([]);
      });
    }
  });

const typescriptBlocks = blocksIn("ts");
if (typescriptBlocks.length > 0)
  describe("TypeScript", () => {
    let folder: string;
    let complaints: readonly string[];

    beforeAll(() => {
      // Within the repository, so that the packages are found as users find them: by name, and built.
      const cache = join(root, "node_modules/.cache");
      mkdirSync(cache, { recursive: true });
      folder = mkdtempSync(join(cache, "docs-"));
      writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
      for (const [index, block] of typescriptBlocks.entries()) {
        writeFileSync(join(folder, `block-${index}.ts`), block.text);
      }
      const { stdout, error } = run(join(root, "node_modules/.bin/tsc"), ["-p", "."], { cwd: folder });
      if (error !== undefined) throw error;
      complaints = stdout.split("\n").filter((line) => line !== "");
    });

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it("has no complaint that belongs to no block", () => {
      expect(complaints.filter((line) => !/^(block-|\s)/.test(line))).toEqual([]);
    });

    for (const [index, block] of typescriptBlocks.entries()) {
      it(`${titleOf(block)} compiles${block.isRun ? " and runs" : ""}`, () => {
        expect(complaints.filter((line) => line.startsWith(`block-${index}.ts`))).toEqual([]);
        if (!block.isRun) return;
        const { status, stdout, stderr } = run(process.execPath, [`block-${index}.js`], { cwd: folder });
        expect(status, stderr).toBe(0);
        for (const promise of promisesOf(block)) expect(stdout).toContain(promise);
      });
    }
  });

const shellBlocks = blocksIn("sh", "bash");
if (shellBlocks.length > 0)
  describe("shell commands", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const main = join(root, "packages/server/bin/mainspring.js");
    const helpOf = (words: readonly string[]): string =>
      run(process.execPath, [main, ...words, "--help"], { cwd: root }).stdout;

    for (const block of shellBlocks) {
      it(`${titleOf(block)} names only what there is`, () => {
        const { npmScripts, mainspringArgs } = shellCommandsIn(block.text);
        expect(npmScripts.filter((name) => !(name in scripts))).toEqual([]);
        const objections = mainspringArgs.map((args) => objectionTo(args, helpOf));
        expect(objections.filter((objection) => objection !== undefined)).toEqual([]);
      });
    }
  });

const runnablePages = pages.filter((page) => shellBlocks.some((block) => block.isRun && block.page === page));
if (runnablePages.length > 0)
  describe("shell sessions", () => {
    for (const page of runnablePages) {
      it(`${page} runs from top to bottom`, async () => {
        const session = shellBlocks.filter((block) => block.isRun && block.page === page);
        const server = await startDevServer(root);
        try {
          const outputs = runSession(session, server);
          for (const [index, block] of session.entries()) {
            for (const promise of promisesOf(block)) {
              expect(outputs[index], `${titleOf(block)} promised this`).toContain(promise);
            }
          }
        } finally {
          await server.stop();
        }
      });
    }
  });

/** Runs blocks one after the other in one shell, as a reader would, and returns what each of them printed. */
function runSession(session: readonly CodeBlock[], server: DevServer): string[] {
  const seam = "--- the next block ---";
  const script = ["set -euo pipefail", ...session.flatMap(({ text }) => [text, `echo; echo "${seam}"`])].join(
    "\n",
  );
  const { status, stdout, stderr } = run("bash", ["-c", script], {
    cwd: root,
    env: { MAINSPRING_URL: server.url, MAINSPRING_DATA: server.dataFolder },
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout.split(seam);
}

const tsconfig = {
  extends: join(root, "tsconfig.base.json"),
  // A page may show a value without using it.
  compilerOptions: { types: ["node"], noUnusedLocals: false, noUnusedParameters: false, incremental: false },
  include: ["*.ts"],
};

function blocksIn(...languages: string[]): CodeBlock[] {
  return blocks.filter(({ language }) => languages.includes(language));
}

function titleOf({ page, line }: CodeBlock): string {
  return `${page}:${line}`;
}

/** Strings are matched first, so that what only looks like a comment or a comma within them stays. */
function withoutComments(jsonc: string): string {
  const string = String.raw`"(?:[^"\\]|\\.)*"`;
  return jsonc
    .replaceAll(new RegExp(String.raw`(${string})|//.*|/\*[\s\S]*?\*/`, "g"), "$1")
    .replaceAll(new RegExp(String.raw`(${string})|,(?=\s*[}\]])`, "g"), "$1");
}

function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv },
) {
  const path = [join(root, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);
  const options = { cwd, env: { ...process.env, ...env, PATH: path }, timeout: runTimeoutMs };
  return spawnSync(command, args, { ...options, encoding: "utf8" });
}
