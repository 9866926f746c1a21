/** Timers that a program waits for keep it alive: it doesn't end in the middle of what it does. */
import { expect, it } from "vitest";
import { startProgram } from "../store/store-process.js";

it("lets a program with nothing else to do commit in bulk, and close its engine, before it ends", async () => {
  const program = startProgram(new URL("close-an-engine.mjs", import.meta.url), []);
  expect(await program.ended()).toBe(0);
  expect(program.lines).toEqual(["committed ada", "committed bob", "closed"]);
});
