// Calls between two processes, in both directions: each asks by name and gets a value or an error.

/**
 * @typedef {{ ask: number, name: string, given: unknown[] }} Ask
 * @typedef {{ answer: number, value?: unknown, error?: { code: string | null, message: string } }} Answer
 * @typedef {{ resolve: (value: unknown) => void, reject: (error: unknown) => void }} Waiting
 * @typedef {(...given: never[]) => unknown} Handler
 */

/**
 * @param {{
 *   send: (message: Ask | Answer) => void,
 *   handlers: Record<string, Handler>,
 *   errorOf: (code: string | null, message: string) => Error,
 * }} options
 */
export function createTwoWayCalls({ send, handlers, errorOf }) {
  /** @type {Map<number, Waiting>} */
  const waiting = new Map();
  let asked = 0;

  /** @param {Ask} message */
  const answer = async ({ ask, name, given }) => {
    try {
      const handler = handlers[name];
      if (handler === undefined) throw new Error(`Nobody answers to ${name}.`);
      const value = await handler(.../** @type {never[]} */ (given));
      send({ answer: ask, value });
    } catch (error) {
      const { code = null, message } = /** @type {Error & { code?: string }} */ (error);
      send({ answer: ask, error: { code, message } });
    }
  };

  return {
    /** @param {string} name @param {unknown[]} given @returns {Promise<unknown>} */
    async ask(name, ...given) {
      asked += 1;
      const id = asked;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        send({ ask: id, name, given });
      });
    },
    /** @param {Ask | Answer} message */
    receive(message) {
      if ("ask" in message) {
        void answer(message);
        return;
      }
      const who = waiting.get(message.answer);
      waiting.delete(message.answer);
      if (message.error === undefined) who?.resolve(message.value);
      else who?.reject(errorOf(message.error.code, message.error.message));
    },
  };
}
