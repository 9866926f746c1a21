// The checks of the pages bite: they see what is wrong, and leave alone what is right.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { codeBlocksOf, pagesOf, promisesOf } from "../docs/code-blocks.js";
import { objectionTo, shellCommandsIn } from "../docs/shell-commands.js";

const folder = mkdtempSync(join(tmpdir(), "mainspring-pages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function page(...lines: string[]): string {
  writeFileSync(join(folder, "README.md"), lines.join("\n"));
  return "README.md";
}

function helpOf(words: readonly string[]): string {
  const name = words.slice(0, 2).join(" ");
  if (words[0] === "serve") return "Usage: mainspring serve [options]\n  --port <port>\n  --data-dir <dir>";
  if (name === "catalog check") return "Usage: mainspring catalog check [options] <file>";
  if (words[0] === "catalog") return "Usage: mainspring catalog [options] [command]";
  return "Usage: mainspring [options] [command]";
}

describe("code blocks", () => {
  it("are found with their line, language, mark and text", () => {
    const blocks = codeBlocksOf(
      folder,
      page("Hello", "```sh run", "ls", "# → README", "```", "", "```", "x", "```"),
    );
    expect(blocks).toMatchObject([
      { line: 2, language: "sh", isRun: true, text: "ls\n# → README" },
      { line: 7, language: "", isRun: false, text: "x" },
    ]);
    expect(blocks.map((block) => promisesOf(block))).toEqual([["README"], []]);
  });

  it("may contain shorter fences, and lie within lists", () => {
    const blocks = codeBlocksOf(folder, page("- item", "  ````text", "  ```", "  ````"));
    expect(blocks).toMatchObject([{ language: "text", text: "  ```" }]);
  });

  it("must be closed", () => {
    expect(() => codeBlocksOf(folder, page("```ts", "1"))).toThrow("README.md:1");
  });

  it("are looked for in every page", () => {
    mkdirSync(join(folder, "docs/guide"), { recursive: true });
    mkdirSync(join(folder, "packages/core"), { recursive: true });
    for (const path of ["docs/a.md", "docs/guide/b.md", "packages/core/README.md"]) {
      writeFileSync(join(folder, path), "");
    }
    page("");
    expect(pagesOf(folder)).toEqual(["README.md", "packages/core/README.md", "docs/a.md", "docs/guide/b.md"]);
  });
});

describe("shell commands", () => {
  it("are found in pipes, substitutions and over several lines", () => {
    const script = [
      "# mainspring is not run in a comment",
      "npm ci && npm test; npm run bench",
      "TOKEN=$(npx mainspring token --player ada)",
      "mainspring serve \\",
      "  --port 0 | tee log",
      "cd mainspring-data",
    ].join("\n");
    expect(shellCommandsIn(script)).toEqual({
      npmScripts: ["test", "bench"],
      mainspringArgs: [
        ["token", "--player", "ada"],
        ["serve", "--port", "0"],
      ],
    });
  });

  it("pass when the help knows them", () => {
    expect(objectionTo(["serve", "--port=80"], helpOf)).toBeUndefined();
    expect(objectionTo(["catalog", "check", "file.json"], helpOf)).toBeUndefined();
    expect(objectionTo(["--help"], helpOf)).toBeUndefined();
  });

  it("fail when the help does not know the command, its second word or its flag", () => {
    expect(objectionTo(["server"], helpOf)).toBe('there is no command "mainspring server"');
    expect(objectionTo(["catalog", "chekc"], helpOf)).toBe('there is no command "mainspring catalog chekc"');
    expect(objectionTo(["serve", "--data", "x"], helpOf)).toBe('"mainspring serve" has no --data');
  });
});
