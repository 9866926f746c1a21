/** Commands that need no body take none, or an empty object; anything else in it is refused like elsewhere. */
import type { FastifyReply, FastifyRequest } from "fastify";

export function bodyOrNothing(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.body ??= {};
  done();
}
