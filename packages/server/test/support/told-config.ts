/** A server's configuration, told as an operator tells it, and loaded by what `serve` and `config` load it with. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatConfigMistake } from "@mainspring/engine/config";
import { Command } from "commander";
import { onTestFinished } from "vitest";
import { serveOptions, type ServeSettings, serveSources } from "../../src/cli/settings.js";
import {
  type LoadedServeConfig,
  loadServeConfig,
  type ServeSources,
} from "../../src/config/load-serve-config.js";

export interface Told {
  /** What follows `mainspring serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is in the file, which is given with `--config`. */
  readonly file?: unknown;
}

/** Called so in messages, wherever it lies. */
export const FILE = "game.json";

export function sourcesOf({ args = [], env = {}, file }: Told): ServeSources {
  const command = new Command();
  for (const option of serveOptions()) command.addOption(option);
  const path = file === undefined ? null : writeFile(file);
  command.parse([...args, ...(path === null ? [] : ["--config", path])], { from: "user" });
  return serveSources(command.opts<ServeSettings>(), env);
}

export function loadTold(told: Told): LoadedServeConfig {
  return loadServeConfig(sourcesOf(told));
}

/** Every mistake as it is printed. */
export function complaintsAbout(told: Told): readonly string[] {
  const { mistakes, file } = loadTold(told);
  return mistakes.map((mistake) => formatConfigMistake(mistake).replaceAll(file?.path ?? FILE, FILE));
}

function writeFile(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "mainspring-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, FILE);
  writeFileSync(path, JSON.stringify(content));
  return path;
}
