// Proves that what would be published works: each package is packed, unpacked into an empty project with only
// the dependencies it declares, looked over by publint, and imported there under every name it exports.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {boolean} [private]
 * @property {Record<string, { types: string, default: string }>} exports
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [bin]
 */

/**
 * @param {string} root of the repository, built
 * @returns {Promise<string>} what was examined, in a few words
 */
export async function checkPackages(root) {
  const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  const publishable = folders.filter((folder) => manifestOf(folder).private !== true);
  const project = mkdtempSync(join(tmpdir(), "mainspring-packaging-"));
  try {
    const installed = publishable.map((folder) => install(folder, { root, project }));
    link(join(root, "node_modules/@types/node"), join(project, "node_modules/@types/node"));
    for (const folder of installed) await checkManifest(folder);
    checkPages(join(project, "node_modules/@mainspring/server/dist/console"));
    const names = installed.flatMap(exportedNames);
    if (names.length === 0) throw new Error("No package exports anything.");
    checkImports(names, project);
    checkTypesOf(names, { root, project });
    return `${installed.length} packages, ${names.length} exports`;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder of a package in the workspace
 * @param {{ root: string, project: string }} places
 * @returns {string} where it was unpacked
 */
function install(folder, { root, project }) {
  const { name, dependencies = {} } = manifestOf(folder);
  run("npm", ["pack", "--pack-destination", project], folder);
  const tarball = readdirSync(project).find((file) => file.endsWith(".tgz"));
  if (tarball === undefined) throw new Error(`npm packed nothing for ${name}.`);

  const target = join(project, "node_modules", name);
  mkdirSync(target, { recursive: true });
  run("tar", ["-xzf", join(project, tarball), "-C", target, "--strip-components=1"], project);
  rmSync(join(project, tarball));

  // Its siblings are found beside it, as they were packed; of the rest it gets what it declares, and no more.
  for (const dependency of Object.keys(dependencies).filter((other) => !other.startsWith("@mainspring/"))) {
    const places = [folder, root].map((place) => join(place, "node_modules", dependency));
    const place = places.find((path) => existsSync(path));
    if (place === undefined) throw new Error(`${name} depends on ${dependency}, which is not installed.`);
    link(place, join(target, "node_modules", dependency));
  }
  return target;
}

/** @param {string} folder of an unpacked package */
async function checkManifest(folder) {
  const manifest = manifestOf(folder);
  const { messages } = await publint({ pkgDir: folder, pack: false, strict: true });
  const complaints = messages.map((message) => formatMessage(message, manifest) ?? message.code);
  for (const file of Object.values(manifest.bin ?? {})) {
    if (!existsSync(join(folder, file))) complaints.push(`bin names ${file}, which is not in the package.`);
  }
  if (complaints.length > 0) throw new Error(`${manifest.name}:\n  ${complaints.join("\n  ")}`);
}

/**
 * The server's package has its page in it, with all that the page asks for, and the terms of what was bundled.
 *
 * @param {string} folder of the page in the unpacked package
 */
function checkPages(folder) {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file ?? "");
  if (named.length < 3) throw new Error("The console's index.html names neither script, style nor picture.");
  const missing = [...named, "licenses.md"].filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) throw new Error(`The server's package lacks ${missing.join(", ")} of the console.`);
}

/**
 * @param {string} folder of an unpacked package
 * @returns {{ name: string, isTypesOnly: boolean }[]}
 */
function exportedNames(folder) {
  const manifest = manifestOf(folder);
  return Object.entries(manifest.exports).map(([path, { types }]) => {
    const declarations = readFileSync(join(folder, types), "utf8");
    if (!/^export /m.test(declarations)) throw new Error(`${manifest.name}: ${types} exports nothing.`);
    const isTypesOnly = !/^export (?!type |interface )/m.test(declarations);
    return { name: manifest.name + path.slice(1), isTypesOnly };
  });
}

/**
 * @param {{ name: string, isTypesOnly: boolean }[]} names
 * @param {string} project
 */
function checkImports(names, project) {
  const valued = names.filter(({ isTypesOnly }) => !isTypesOnly).map(({ name }) => name);
  const lines = names.map(
    ({ name }) =>
      `counts[${JSON.stringify(name)}] = Object.keys(await import(${JSON.stringify(name)})).length;`,
  );
  writeFileSync(
    join(project, "imports.mjs"),
    ["const counts = {};", ...lines, "process.stdout.write(JSON.stringify(counts));"].join("\n"),
  );
  /** @type {Record<string, number>} */
  const counts = JSON.parse(run(process.execPath, ["imports.mjs"], project));
  const empty = valued.filter((name) => counts[name] === 0);
  if (empty.length > 0) throw new Error(`These imports yield nothing: ${empty.join(", ")}.`);
}

/**
 * @param {{ name: string }[]} names
 * @param {{ root: string, project: string }} places
 */
function checkTypesOf(names, { root, project }) {
  const lines = names.map(({ name }, index) => `export type * as Export${index} from "${name}";`);
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(project, "imports.ts"), lines.join("\n"));
  const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node", "--noEmit"];
  const tsc = join(root, "node_modules/.bin/tsc");
  const { stdout, error } = spawnSync(tsc, [...options, "imports.ts"], { cwd: project, encoding: "utf8" });
  if (error !== undefined) throw error;
  // Our own declarations are held to account; those of dependencies have faults that are not ours to mend.
  const ours = stdout.split("\n").filter((line) => /^(imports\.ts|node_modules\/@mainspring\/)/.test(line));
  if (ours.length > 0) throw new Error(ours.join("\n"));
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/**
 * @param {string} target
 * @param {string} path
 */
function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "dir");
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}${error?.message ?? ""}`);
  }
  return stdout;
}
