/**
 * A cache that lacks one part of its fence: a copy of the product's sources with a few words replaced, so that the product needs no
 * switches. Each replacement must fit exactly once, or the mutant is none.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CacheUnderTest } from "./instance.js";
import { type CacheModules, underTestOf } from "./real-cache.js";
import type { Focus } from "./settings.js";

export interface Replacement {
  /** From the engine's sources. */
  readonly file: string;
  readonly find: string;
  readonly by: string;
}

export interface MutantPlan {
  /** What it lacks. */
  readonly lacks: string;
  /** The histories that find it, and seeds of some that do. */
  readonly focus: Focus;
  readonly seeds: readonly number[];
  readonly replacements: readonly Replacement[];
}

export interface Mutant {
  readonly underTest: CacheUnderTest;
  remove(): Promise<void>;
}

/** A file of the sources, by its path from there. */
type Sources = Map<string, string>;

const here = dirname(fileURLToPath(import.meta.url));
const sourceFolder = resolve(here, "../../../src");
/** What a mutant may be changed in; all else is the product's own. */
const FOLDERS = ["cache", "testing"];
const ENTRIES = ["cache/index.ts", "testing/model-remote.ts"];
const IMPORT = /(from|import\()( *)"(\.[^"]+)"/g;

export async function createMutant({
  lacks,
  replacements,
}: Pick<MutantPlan, "lacks" | "replacements">): Promise<Mutant> {
  const sources = await readSources();
  const changed = new Set(replacements.map(({ file }) => file));
  for (const replacement of replacements) replaceOnce(sources, replacement);
  const copied = withImporters(sources, changed);
  // Git ignores these folders, and the compiler and the linter pass them by.
  const folder = await mkdtemp(join(here, ".mutant-"));
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const path of copied) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, redirectImports(sources.get(path) ?? "", { path, copied, folder }));
    }
    const load = async (path: string): Promise<object> => {
      const file = join(copied.has(path) ? folder : sourceFolder, path);
      return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as object;
    };
    const modules = Object.assign({}, ...(await Promise.all(ENTRIES.map(load)))) as CacheModules;
    return { underTest: underTestOf(`without: ${lacks}`, modules), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function readSources(): Promise<Sources> {
  const sources: Sources = new Map();
  for (const folder of FOLDERS) {
    for (const name of await readdir(join(sourceFolder, folder), { recursive: true })) {
      if (!name.endsWith(".ts")) continue;
      const path = join(folder, name);
      sources.set(path, await readFile(join(sourceFolder, path), "utf8"));
    }
  }
  return sources;
}

function replaceOnce(sources: Sources, { file, find, by }: Replacement): void {
  const parts = (sources.get(file) ?? "").split(find);
  if (parts.length !== 2) {
    throw new Error(`${file} has ${parts.length - 1} times what a mutant replaces: ${find}`);
  }
  sources.set(file, parts.join(by));
}

/** These files, and all that import them: the others are as they were. */
function withImporters(sources: Sources, files: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(files);
  const importersOf = new Map<string, string[]>();
  for (const [path, text] of sources) {
    for (const [, , , to = ""] of text.matchAll(IMPORT)) {
      const imported = fileOf(path, to);
      importersOf.set(imported, [...(importersOf.get(imported) ?? []), path]);
    }
  }
  // What is added meanwhile comes up as well.
  for (const path of found) for (const importer of importersOf.get(path) ?? []) found.add(importer);
  return found;
}

/** What an import means, from the sources. */
function fileOf(path: string, to: string): string {
  return join(dirname(path), to).replaceAll(sep, "/").replace(/\.js$/, ".ts");
}

/** What a copied file imports from outside of the copies, it imports from where it is. */
function redirectImports(
  text: string,
  { path, copied, folder }: { readonly path: string; readonly copied: ReadonlySet<string>; folder: string },
): string {
  return text.replaceAll(IMPORT, (whole: string, word: string, space: string, to: string) => {
    if (copied.has(fileOf(path, to))) return whole;
    const target = join(sourceFolder, dirname(path), to);
    const there = relative(dirname(join(folder, path)), target).replaceAll(sep, "/");
    return `${word}${space}"${there}"`;
  });
}
