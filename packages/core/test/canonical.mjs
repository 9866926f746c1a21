// The one canonical text of states and events: JSON with sorted keys, maps as sorted lists of entries, big integers as
// numbers, and no seed. Equal content gives equal text, in whatever order it came about. Plain JavaScript, so that the
// recorded vectors can be played in engines that know no types.

/**
 * @param {unknown} value plain data
 * @returns {string}
 */
export function canonical(value) {
  if (value instanceof Map) return canonical([...value].sort(([a], [b]) => (a < b ? -1 : 1)));
  if (Array.isArray(value)) {
    let text = "";
    for (const entry of value) text += `${text === "" ? "" : ","}${canonical(entry)}`;
    return `[${text}]`;
  }
  if (typeof value === "object" && value !== null) {
    let text = "";
    for (const key of Object.keys(value).sort()) {
      const entry = /** @type {Record<string, unknown>} */ (value)[key];
      if (key === "seed" || entry === undefined) continue;
      text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(entry)}`;
    }
    return `{${text}}`;
  }
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return JSON.stringify(value);
}
