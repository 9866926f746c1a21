// `npm run check`: types, format, lint, pages, packaging, in this order, up to the first that fails.
// A rule that examined no file proves nothing, so it fails as well.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { matches } from "./lint/glob.mjs";
import { roomOf, rooms } from "./lint/rooms.mjs";
import { checkPackages } from "./packaging.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A page that loads slowly is of no use when it is needed. */
const MAX_SCRIPT_BYTES = 200 * 1_024;

/** Each returns what it examined, in a few words, or throws. */
const steps = {
  types: checkTypes,
  format: checkFormat,
  lint: checkLint,
  pages: buildPages,
  packaging: () => checkPackages(root),
};

for (const [name, step] of Object.entries(steps)) {
  const startedAtMs = performance.now();
  try {
    const examined = await step();
    const tookSeconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    console.log(`check: ${name} ok (${examined}, ${tookSeconds} s)`);
  } catch (error) {
    console.error(`check: ${name} FAILED\n${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

function checkTypes() {
  // The compiler itself refuses a project without sources.
  run("tsc -b");
  return "every project";
}

function checkFormat() {
  const output = run("biome format");
  return `${countOf(output, /Checked (\d+) files?/)} files`;
}

function checkLint() {
  const output = run("oxlint");
  const paths = run("oxlint --debug=files").split("\n");
  const idle = [
    ...rooms
      .filter((room) => !paths.some((path) => roomOf(path) === room))
      .map((room) => `room ${room.name}`),
    ...lintOverrides().filter(
      (files) => !paths.some((path) => files.some((pattern) => matches(pattern, path))),
    ),
  ];
  if (idle.length > 0) throw new Error(`These lint rules examined no file: ${idle.join("; ")}.`);
  return `${countOf(output, /on (\d+) files?/)} files, ${rooms.length} rooms`;
}

function buildPages() {
  run("npm run build:console");
  const [bytes] = readdirSync(`${root}packages/server/dist/console/assets`)
    .filter((name) => name.endsWith(".js"))
    .map((name) => statSync(`${root}packages/server/dist/console/assets/${name}`).size);
  if (bytes === undefined) throw new Error("The build of the console left no script.");
  if (bytes > MAX_SCRIPT_BYTES)
    throw new Error(`The console's script has ${bytes} bytes, over ${MAX_SCRIPT_BYTES}.`);
  return `the console, ${Math.round(bytes / 1_024)} KiB of script`;
}

/** @returns {string[][]} the patterns of each override in the linter's configuration, as the linter read it */
function lintOverrides() {
  /** @type {{ overrides: { files: string[] }[] }} */
  const { overrides } = JSON.parse(run("oxlint --print-config"));
  return overrides.map(({ files }) => files);
}

/**
 * @param {string} output
 * @param {RegExp} pattern with the count as its first group
 */
function countOf(output, pattern) {
  const count = Number(pattern.exec(output)?.[1] ?? 0);
  if (count === 0) throw new Error(`It examined no file. Its output:\n${output}`);
  return count;
}

/**
 * Runs one of the workspace's tools and returns what it printed.
 *
 * @param {string} command
 */
function run(command) {
  const path = `${root}node_modules/.bin${delimiter}${process.env["PATH"] ?? ""}`;
  const { status, stdout, stderr } = spawnSync(command, {
    cwd: root,
    env: { ...process.env, PATH: path },
    shell: true,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${output}\n${command} ended with ${String(status)}.`);
  return output;
}
