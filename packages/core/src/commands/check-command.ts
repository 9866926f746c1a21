/** Checks of what a command carries. The rules check for themselves, whatever the transport has checked before. */
import { MainspringError } from "../errors.js";
import { MAX_AMOUNT, toPpm } from "../numbers.js";

/**
 * The number, if it is whole and in the range.
 * @throws MainspringError `INVALID_REQUEST`
 */
export function checkAmount(value: number, name: string, { min, max }: { min: number; max: number }): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new MainspringError("INVALID_REQUEST", `${name} must be a whole number from ${min} to ${max}.`);
}

/** The number of a task, if it can be one. @throws MainspringError `INVALID_REQUEST` */
export function checkTaskNumber(value: number): number {
  return checkAmount(value, "A task's number", { min: 1, max: MAX_AMOUNT });
}

/** A decimal as millionths. @throws MainspringError `INVALID_REQUEST` */
export function checkDecimal(
  value: number,
  name: string,
  { min, max }: { min: number; max: number },
): number {
  const ppm = value >= min && value <= max ? toPpm(value) : null;
  if (ppm !== null) return ppm;
  throw new MainspringError(
    "INVALID_REQUEST",
    `${name} must be a number from ${min} to ${max} with at most six decimal places.`,
  );
}

/** One of several words. @throws MainspringError `INVALID_REQUEST` */
export function checkChoice<T extends string>(value: T, name: string, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new MainspringError("INVALID_REQUEST", `${name} must be one of ${choices.join(", ")}.`);
}

/** The entries of an object of amounts, sorted by id. @throws MainspringError `INVALID_REQUEST` for an amount out of range. */
export function checkAmounts(
  amounts: Readonly<Record<string, number>> | undefined,
  name: string,
  range: { min: number; max: number },
): [id: string, amount: number][] {
  const entries = Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [id, amount] of entries) checkAmount(amount, `${name}.${id}`, range);
  return entries;
}
