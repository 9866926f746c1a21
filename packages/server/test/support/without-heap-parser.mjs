// Given to Node.js with --import: the optional library for reading heap snapshots is not installed, as far as this process can tell.
import { register } from "node:module";

const hooks = `
export function resolve(specifier, context, next) {
  if (specifier !== "@vscode/v8-heap-parser") return next(specifier, context);
  throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
}`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
