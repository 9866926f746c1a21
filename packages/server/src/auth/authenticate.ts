/** Who is calling. Games with their own accounts bring their own `authenticate`. */
import type { IncomingHttpHeaders } from "node:http";

/** Who a request comes from. */
export interface Caller {
  /** The player whose request it is. What it does for this player counts as the player's own doing. */
  readonly playerId: string;
  /** May act for any player, and use `/v1/admin`. */
  readonly isAdmin: boolean;
  /** The name under which commands stand in the journal. Up to 128 characters. */
  readonly actor: string;
}

/** What an `authenticate` may look at. A Fastify request is one. */
export interface AuthenticateRequest {
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
  readonly method: string;
  readonly url: string;
}

/**
 * Says who is calling. At once, where that is known: a promise costs a turn of the event loop.
 * @throws MainspringError `UNAUTHENTICATED` for nobody, `KEYS_UNAVAILABLE` when it can't be told at the moment.
 */
export type Authenticate = (request: AuthenticateRequest) => Promise<Caller> | Caller;
