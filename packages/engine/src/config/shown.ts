/** How a value stands in a message: short, on one line, and without what a terminal would take for a command. */

/** Longer texts are cut off. */
const MAX_SHOWN = 60;

export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
}
