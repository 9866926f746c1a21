// File patterns as the configuration files write them: "*" stands for any name, "**" for any folders.

/**
 * @param {string} pattern
 * @param {string} path with "/" between folders
 */
export function matches(pattern, path) {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*\*\/|\*\*|\*/g, (stars) => ({ "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*" })[stars] ?? stars);
  return new RegExp(`^${source}$`).test(path);
}
