/** What the files of routes share: the instance they add to, and what they work with. */
import type { Catalog } from "@mainspring/core";
import type { Engine } from "@mainspring/engine";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Caller } from "../auth/authenticate.js";
import type { SnapshotTaker } from "../heap/snapshot-taker.js";
import type { KeptBodies } from "./kept-bodies.js";
import type { ServerStats } from "./numbers/http-stats.js";
import type { Readiness } from "./readiness.js";

/** Fastify, with types that come from the schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RouteContext {
  readonly engine: Engine;
  readonly keptBodies: KeptBodies;
  /** All numbers, as of now. */
  readonly look: () => ServerStats;
  readonly isDevelopment: boolean;
  /** True from the moment that the server begins to close. */
  readonly isClosing: () => boolean;
  /** Whether requests should be sent here. */
  readonly readiness: Readiness;
  readonly heap: SnapshotTaker;
  /** The catalog as players may see it. */
  readonly publicCatalog: (catalog: Catalog) => unknown;
}

/** Whom a route lets in: anybody, whoever is known, the player of the address and admins, or admins alone. */
export type Access = "open" | "known" | "player" | "admin";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is calling. Set on all routes that aren't open. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    access?: Access;
    /** What the body is, where it isn't checked like all others. */
    brings?: "catalog";
  }
}
