// `npm run lock`, second half: gives every optional platform package its entry in the lock file.
//
// npm leaves out those that the registry in use does not offer, and then `npm ci` calls the lock file incomplete,
// also on machines that would never install them. Such an entry has no integrity: nobody here has seen the package.
import { readFileSync, writeFileSync } from "node:fs";

/**
 * @typedef {object} Entry
 * @property {string} version
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 * @property {Record<string, string>} [optionalDependencies]
 */

const path = new URL("../package-lock.json", import.meta.url);
/** @type {{ packages: Record<string, Entry> }} */
const lock = JSON.parse(readFileSync(path, "utf8"));

const entries = new Map(Object.entries(lock.packages));
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (!entries.has(place)) entries.set(place, entryFor(name, { version, isDev: parent.dev === true }));
  }
}

const sorted = [...entries].toSorted(([a], [b]) => a.localeCompare(b, "en"));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);

/**
 * The platform is read from the name, which is how such packages are told apart: cli-linux-x64-musl.
 *
 * @param {string} name
 * @param {{ version: string, isDev: boolean }} from
 * @returns {Entry}
 */
function entryFor(name, { version, isDev }) {
  const [, os, cpu] = /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)/.exec(name) ?? [];
  if (os === undefined || cpu === undefined) throw new Error(`${name} is optional, but names no platform.`);
  const libc = name.endsWith("-musl") ? "musl" : name.endsWith("-gnu") ? "glibc" : undefined;
  return {
    version,
    cpu: [cpu],
    ...(isDev && { dev: true }),
    ...(libc && { libc: [libc] }),
    optional: true,
    os: [os],
  };
}
