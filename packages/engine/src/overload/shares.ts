/**
 * How much of the limit each priority may fill. A request that is refused never waits, so room for commands has to be there before they
 * come: while any are refused, reads and what is low may fill less and less, and when none are, slowly more again.
 */
import type { RequestPriority } from "./overload-limit.js";
import { ofEach, PRIORITIES } from "./priorities.js";

/** Of the limit, when all is well. */
const FULL: Readonly<Record<RequestPriority, number>> = { command: 1, read: 0.9, low: 0.5 };

/** Nobody starves while there is room. */
const LEAST = 0.04;

/** In each window in which somebody more urgent was refused. */
const DOWN = 0.8;

/** In each other one, and more so the longer there was none of those: 3 %, 6 %, 9 % … */
const UP = 0.03;
const MAX_UP = 0.25;

/** Of those who asked: fewer refusals than this change nothing. */
const NOTABLE = 0.01;

/** What was asked for in a window, and what was refused of it for the load. */
export type Asked = Readonly<Record<RequestPriority, { readonly asked: number; readonly refused: number }>>;

export interface Shares {
  of(priority: RequestPriority): number;
  /** To be told of each window. */
  adapt(asked: Asked): void;
  areFull(): boolean;
}

export const refusedShare = ({ asked, refused }: Asked[RequestPriority]): number =>
  asked === 0 ? 0 : refused / asked;

export function createShares(): Shares {
  const shares: Record<RequestPriority, number> = ofEach((priority) => FULL[priority]);
  const calmWindows: Record<RequestPriority, number> = ofEach(() => 0);
  return {
    of: (priority) => shares[priority],
    adapt(asked) {
      let isUrgentRefused = false;
      for (const priority of PRIORITIES) {
        calmWindows[priority] = isUrgentRefused ? 0 : calmWindows[priority] + 1;
        const factor = isUrgentRefused ? DOWN : 1 + Math.min(MAX_UP, UP * calmWindows[priority]);
        shares[priority] = Math.max(LEAST, Math.min(FULL[priority], shares[priority] * factor));
        isUrgentRefused ||= refusedShare(asked[priority]) >= NOTABLE;
      }
    },
    areFull: () => PRIORITIES.every((priority) => shares[priority] === FULL[priority]),
  };
}
