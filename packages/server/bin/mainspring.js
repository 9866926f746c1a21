#!/usr/bin/env node
// The command `mainspring`. It stands outside dist so that npm can link it before anything is built.
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error("mainspring is not built yet: run `npm run build` (or `npm start`) in its repository first.");
  process.exitCode = 1;
}
