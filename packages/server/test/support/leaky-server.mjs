// A game's own server that leaks, for the tests of `mainspring heap`: each request for a player leaves an object of a class in a map at the
// module's top. What it leaks is full of planted secrets, one in each place that a name in a heap snapshot could come from.
import { createEngine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createServer, jwtAuthenticate } from "@mainspring/server";

const {
  MAINSPRING_JWT_SECRET: secret = "",
  HEAP_FOLDER: heapFolder = "",
  CATALOG: catalog = "{}",
} = process.env;

class LeakedSession {
  /** @param {number} number */
  constructor(number) {
    this.startedAtMs = Date.now();
    this.token = `planted-text-${number}`;
  }

  age() {
    return Date.now() - this.startedAtMs;
  }
}

/** @type {Map<string, LeakedSession>} */
const sessions = new Map();
/** An object with keys that are data, and an array of texts. @type {Record<string, object>} */
const byToken = {};
/** @type {string[]} */
const texts = [];

/** Each in a place of its own, so that the way to it leads through a name that is data. @param {number} number */
function plant(number) {
  byToken[`plantedProperty${number}`] = {
    pattern: new RegExp(`plantedPattern${number}`),
    of: new Map([[Symbol(`plantedSymbol${number}`), new Float32Array(number)]]),
  };
  texts.push(`planted element ${number}`);
}

const engine = await createEngine({ store: createMemoryStore(), catalog: JSON.parse(catalog) });
const server = createServer({ engine, authenticate: jwtAuthenticate({ secret }), heapFolder });
server.fastify.addHook("onRequest", (request, _reply, done) => {
  if (request.url.startsWith("/v1/players/")) {
    sessions.set(`planted-key-${sessions.size}`, new LeakedSession(sessions.size));
    plant(sessions.size);
  }
  done();
});
console.log(`ready at ${await server.listen({ port: 0 })}`);
process.once("SIGTERM", () => {
  void server
    .close()
    .then(() => engine.close())
    .then(() => process.exit(0));
});
