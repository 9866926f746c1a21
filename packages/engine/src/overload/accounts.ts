/** What is known of each priority: a record that every request touches, so it is one object with numbers in it. */
import type { RequestPriority } from "./overload-limit.js";
import { ofEach } from "./priorities.js";

export interface Account {
  readonly priority: RequestPriority;
  /** With so many under way in all, no more come in. */
  room: number;
  admitted: number;
  refused: number;
  inFlight: number;
  /** Answered, and leaving with this turn of the event loop. */
  leaving: number;
  /** In this window: those whom memory let in, and those of them whom the load didn't. */
  asked: number;
  refusedForLoad: number;
}

export type Accounts = Readonly<Record<RequestPriority, Account>>;

export const createAccounts = (): Accounts =>
  ofEach((priority) => ({
    priority,
    room: 0,
    admitted: 0,
    refused: 0,
    inFlight: 0,
    leaving: 0,
    asked: 0,
    refusedForLoad: 0,
  }));
