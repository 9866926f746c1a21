/** Tracing, as the server sees it: of some requests, what was done when. Whoever brings another tracer brings one of these. */
import type { IncomingHttpHeaders } from "node:http";
import type { Trace } from "@mainspring/engine";

/** How a request ended. */
export interface AnsweredRequest {
  readonly method: string;
  /** The template; never an address with a player's id. */
  readonly route: string;
  readonly status: number;
  readonly requestId: string;
}

/** All of a request. */
export interface RequestTrace extends Trace {
  /** To be called once, before `end`. */
  answered(how: AnsweredRequest): void;
}

export interface Tracing {
  /** Whether a request is looked at closely: then its trace begins. `null`: it isn't. Asked about each request once; cheap. */
  begin(request: { readonly headers: IncomingHttpHeaders }): RequestTrace | null;
  /** Sends what is left, and lets go. */
  close(): Promise<void>;
}
