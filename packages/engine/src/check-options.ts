/** Checks of the numbers that whoever puts an engine together chooses: a wrong one is told at once, with its name. */
import { MainspringError } from "@mainspring/core";

/**
 * All of them must be whole numbers, not below `from` (default: 1); what is left out has its default.
 * @throws MainspringError `CONFIG_INVALID` naming every one that is not
 */
export function checkOptions(
  options: Readonly<Record<string, number | undefined>>,
  { from = 1 }: { readonly from?: number } = {},
): void {
  const wrong = Object.entries(options).filter(
    ([, value]) => value !== undefined && !(Number.isSafeInteger(value) && value >= from),
  );
  if (wrong.length === 0) return;
  const told = wrong.map(
    ([name, value]) => `${name} must be a whole number from ${from}, not ${String(value)}`,
  );
  throw new MainspringError("CONFIG_INVALID", `${told.join("; ")}.`);
}
