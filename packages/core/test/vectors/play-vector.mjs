// Plays a recorded history. Plain JavaScript that asks nothing of its engine, so that the same file runs in Node and in
// others; everything comes in as JSON and goes out as text.
import { canonical } from "../canonical.mjs";

/**
 * @typedef {typeof import("../../src/index.js")} Core
 *
 * @typedef {object} VectorStep
 * @property {number} atMs
 * @property {number} entriesKnown how many entries of the timeline are known from here on
 * @property {number} maxCost
 * @property {{ type: "settle" } | { type: "seen" } | { type: "command", command: import("../../src/index.js").Command }} action
 *
 * @typedef {object} VectorInputs
 * @property {string} seed 32 hexadecimal digits
 * @property {import("../../src/index.js").CatalogSource[]} catalogs
 * @property {{ atMs: number, catalog: number }[]} entries
 * @property {number} createdAtMs
 * @property {VectorStep[]} steps
 *
 * @typedef {object} VectorOutputs
 * @property {string[]} digests SHA-256 of what each step came to
 * @property {string} state the canonical state at the end
 * @property {string} events the canonical events of the whole history
 */

/**
 * @param {Core} core
 * @param {VectorInputs} inputs
 * @returns {VectorOutputs}
 */
export function playVector(core, { seed, catalogs, entries, createdAtMs, steps }) {
  const compiled = catalogs.map((source) => core.compileCatalog(source));
  const all = entries.map(({ atMs, catalog }) => ({ atMs, hash: compiled[catalog]?.hash ?? "" }));
  const bytes = Uint8Array.from((seed.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)));
  const known = (/** @type {number} */ count) => core.createTimeline(all.slice(0, count), compiled);
  let state = core.createPlayer(known(steps[0]?.entriesKnown ?? all.length), {
    nowMs: createdAtMs,
    seed: core.createSeed(bytes),
  });
  /** @type {import("../../src/index.js").PlayerEvent[]} */
  const events = [];
  const emit = (/** @type {import("../../src/index.js").PlayerEvent} */ event) => void events.push(event);
  const digests = steps.map(({ atMs, entriesKnown, maxCost, action }) => {
    const timeline = known(entriesKnown);
    const from = events.length;
    let error = "";
    do {
      state = core.settle(state, timeline, atMs, { emit, maxCost });
    } while (core.nextBoundaryMs(state, timeline) <= atMs);
    if (action.type === "seen") state = core.markSeen(state, timeline, atMs, emit);
    if (action.type === "command") {
      try {
        state = core.applyCommand(state, timeline, action.command, { atMs, emit }).state;
      } catch (thrown) {
        if (!core.isMainspringError(thrown)) throw thrown;
        error = thrown.code;
      }
    }
    return core.sha256Hex(`${error}\n${canonical(state)}\n${canonical(events.slice(from))}`);
  });
  return { digests, state: canonical(state), events: canonical(events) };
}
