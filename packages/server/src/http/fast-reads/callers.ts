/** Who is calling, asked once per request: what was found out before Fastify is not asked again behind it. */
import type { IncomingMessage } from "node:http";
import type { Authenticate, AuthenticateRequest, Caller } from "../../auth/authenticate.js";

export interface Callers {
  /** Who is calling, if that can be said at once; `null`: Fastify's guard will find out, or refuse. */
  known(request: IncomingMessage): Caller | null;
  /** Keeps what {@link Callers.known} said, for a request that goes on to Fastify after all. */
  keep(request: IncomingMessage, caller: Caller): void;
  /** For the guard: who is calling. @throws what `authenticate` throws */
  find(request: AuthenticateRequest & { readonly raw: IncomingMessage }): Promise<Caller> | Caller;
}

export function createCallers(authenticate: Authenticate): Callers {
  const asked = new WeakMap<IncomingMessage, () => Promise<Caller> | Caller>();
  const ask = (request: IncomingMessage): Promise<Caller> | Caller => {
    const { headers, method = "", url = "", socket } = request;
    return authenticate({ headers, method, url, ip: socket.remoteAddress ?? "" });
  };
  return {
    known(request) {
      try {
        const found = ask(request);
        if (!("then" in found)) return found;
        // The guard waits for it; if something else refuses the request before, nobody does.
        found.catch(() => undefined);
        asked.set(request, () => found);
      } catch (error) {
        asked.set(request, () => {
          throw error;
        });
      }
      return null;
    },
    keep(request, caller) {
      asked.set(request, () => caller);
    },
    find(request) {
      return (asked.get(request.raw) ?? (() => authenticate(request)))();
    },
  };
}
