/** What a number and an amount must be, wherever a state has one. */
import type { AmountMap } from "@mainspring/core";

/** A whole number from 0 on that arithmetic keeps exact. */
export function isCount(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value);
}

/** True if every amount is one that the rules keep: an id with amount 0 is absent. */
export function areAmounts(amounts: AmountMap): boolean {
  for (const [id, amount] of amounts) {
    if (id === "" || amount < 1 || !Number.isSafeInteger(amount)) return false;
  }
  return true;
}
