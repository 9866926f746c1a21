/** `@mainspring/server`: HTTP for an engine. `createServer` puts it on, `jwtAuthenticate` is the default way to know who calls. */
export {
  type CreateServerOptions,
  createServer,
  type ListenOptions,
  type LogLevel,
  type MetricsAccess,
  type Server,
} from "./create-server.js";
export type { Authenticate, AuthenticateRequest, Caller } from "./auth/authenticate.js";
export { jwtAuthenticate, type JwtAuthenticateOptions } from "./auth/jwt-authenticate.js";
export { signToken, type SignTokenOptions } from "./auth/sign-token.js";
export { openTracing, type OpenTracingOptions } from "./tracing/open-tracing.js";
export type { AnsweredRequest, RequestTrace, Tracing } from "./tracing/tracing.js";
export { STATUS_OF_CODE } from "./http/status-of-code.js";
