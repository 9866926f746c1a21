/** Reads a JSON file that a person wrote, and says where it is wrong. */
import { readFileSync } from "node:fs";
import { MainspringError } from "@mainspring/core";
import { findJsonError } from "./find-json-error.js";
import { findRepeatedKey } from "./find-repeated-key.js";

/**
 * The value in a file.
 * @throws MainspringError `CONFIG_INVALID` with the file, line and column.
 */
export function readJsonFile(path: string, what: string): unknown {
  const text = decode(readBytes(path, what), path);
  const value = parse(text, path);
  const repeated = findRepeatedKey(text);
  if (repeated === null) return value;
  const { line, column, problem } = repeated;
  throw new MainspringError(
    "CONFIG_INVALID",
    `${path}:${line}:${column}: ${problem}. Leave one of them out.`,
  );
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const error = findJsonError(text);
    const where = error === null ? path : `${path}:${error.line}:${error.column}`;
    throw new MainspringError(
      "CONFIG_INVALID",
      `${where}: this is not JSON: ${error?.problem ?? "it can't be read"}.`,
    );
  }
}

function readBytes(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a folder"
          : (error as Error).message;
    throw new MainspringError("CONFIG_INVALID", `The ${what} ${path} can't be read: ${reason}.`);
  }
}

/** Without the mark that some editors put first. */
function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new MainspringError("CONFIG_INVALID", `${path} is not in UTF-8.`);
  }
}
