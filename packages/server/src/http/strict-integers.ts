/** Whole numbers in addresses. Nothing is coerced elsewhere; here only what is written as a plain number is one. */
import type { FastifyReply, FastifyRequest } from "fastify";

const PLAIN = /^(?:0|[1-9][0-9]{0,15})$/;

/** A hook that reads these parts of the path or query as numbers. What isn't one stays as it is, and the schema refuses it. */
export function integersOf(part: "params" | "query", names: readonly string[]) {
  return (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
    const values = request[part] as Record<string, unknown>;
    for (const name of names) {
      const value = values[name];
      if (typeof value === "string" && PLAIN.test(value)) values[name] = Number(value);
    }
    done();
  };
}
