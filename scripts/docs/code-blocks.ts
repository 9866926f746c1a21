// Finds the fenced code blocks of the pages that users read.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export interface CodeBlock {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** The line of its opening fence, from 1. */
  readonly line: number;
  /** The first word after the fence, or nothing. */
  readonly language: string;
  /** Whether the word `run` follows: then it is not only checked, but run. */
  readonly isRun: boolean;
  readonly text: string;
}

/** The pages whose blocks are checked, from the root of the repository. */
export function pagesOf(root: string): string[] {
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const pages = docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  const manuals = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
  return ["README.md", "CONTRIBUTING.md", ...manuals, ...pages.toSorted()].filter((page) =>
    existsSync(join(root, page)),
  );
}

export function codeBlocksOf(root: string, page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { fence: string; line: number; info: string[]; lines: string[] } | undefined;
  const lines = readFileSync(join(root, page), "utf8").split("\n");
  for (const [index, line] of lines.entries()) {
    const [, fence, info] = /^\s*(`{3,})(.*)$/.exec(line) ?? [];
    if (open === undefined) {
      if (fence !== undefined) {
        open = { fence, line: index + 1, info: (info ?? "").trim().split(/\s+/), lines: [] };
      }
    } else if (fence !== undefined && fence.length >= open.fence.length && info?.trim() === "") {
      const [language = "", ...flags] = open.info;
      const text = open.lines.join("\n");
      blocks.push({ page, line: open.line, language, isRun: flags.includes("run"), text });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: this code block is never closed.`);
  return blocks;
}

/** What a block that is run promises to print: the texts behind the arrows of its comments (`# → …`, `// → …`). */
export function promisesOf(block: CodeBlock): string[] {
  return [...block.text.matchAll(/^\s*(?:#|\/\/) → (.+)$/gm)].map(([, promise = ""]) => promise.trim());
}
