/**
 * The files of the page for operators, as the build left them beside this code. They are read once, into memory: what can be asked for is
 * this list, so no address leads anywhere else.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { MainspringError } from "@mainspring/core";

export interface PageFile {
  /** Below the page's address, with "/" between folders; "" for the page itself. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Of its content, as the header has it. */
  readonly etag: string;
  /** Its name has a hash of its content, so under this name it never changes. */
  readonly isImmutable: boolean;
}

/** From the sources and from what is compiled alike. */
const FOLDER = fileURLToPath(new URL("../../../dist/console", import.meta.url));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".md": "text/plain; charset=utf-8",
};

const ETAG_LENGTH = 27;

/** @returns `null` where the page was never built: in a working copy, before `npm run build` */
export function readPageFiles(folder = FOLDER): readonly PageFile[] | null {
  if (!existsSync(join(folder, "index.html"))) return null;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => pageFile(folder, join(entry.parentPath, entry.name)));
}

function pageFile(folder: string, file: string): PageFile {
  const path = relative(folder, file).split(sep).join("/");
  const contentType = CONTENT_TYPES[extname(file)];
  if (contentType === undefined) throw new MainspringError("INTERNAL", `What kind of file is ${path}?`);
  const bytes = readFileSync(file);
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, ETAG_LENGTH);
  return {
    path: path === "index.html" ? "" : path,
    bytes,
    contentType,
    etag: `"${hash}"`,
    isImmutable: path.startsWith("assets/"),
  };
}
