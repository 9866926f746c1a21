/** `mainspring catalog check`: every mistake of a catalog at once. */
import { checkCatalog, compileCatalog, formatMistake } from "@mainspring/core";
import { readJsonFile } from "./read-json-file.js";

/** Prints what it found. @returns whether the catalog is fine */
export function checkCatalogFile(path: string, print: (line: string) => void): boolean {
  const document = readJsonFile(path, "catalog");
  const check = checkCatalog(document);
  if (!check.isValid) {
    for (const mistake of check.mistakes) print(formatMistake(mistake));
    const count = check.mistakes.length;
    print(`${path} has ${count === 1 ? "one mistake" : `${count} mistakes`}.`);
    return false;
  }
  const { name, hash, kinds, skills, items, activities } = compileCatalog(document);
  print(`${path} is fine: ${name}`);
  const byKind = kinds.map(
    (kind) => `${[...activities.values()].filter((activity) => activity.kind === kind).length} ${kind}`,
  );
  print(`  activities  ${activities.size} (${byKind.join(", ")})`);
  print(`  items       ${items.size}`);
  print(`  skills      ${skills.size}`);
  print(`  hash        ${hash}`);
  return true;
}
