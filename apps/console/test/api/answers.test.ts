/** The page's own idea of the server's answers is the server's. */
import { ERROR_TABLE } from "@mainspring/core";
import type { PerformanceStats } from "@mainspring/engine";
import type { FlagsView } from "@mainspring/engine/flags";
import { describe, expect, expectTypeOf, it } from "vitest";
import { failureOf } from "../../src/api/failure.js";
import { type Flags, isFlags } from "../../src/api/flags.js";
import { isPerformance, type Performance } from "../../src/api/performance.js";
import { OUR_FAULTS } from "../../src/panels/requests.js";
import { tokenOf, looksLikeToken } from "../../src/page/session.js";
import { idleNumbers } from "../support/numbers.js";

describe("the answers", () => {
  it("are those of the engine: the compiler sees to it", () => {
    expectTypeOf<PerformanceStats>().toExtend<Performance>();
    expectTypeOf<FlagsView>().toExtend<Flags>();
  });

  it("are told from what something else in between answers", () => {
    expect(isPerformance(idleNumbers())).toBe(true);
    for (const other of [null, "<html>", [], {}, { uptimeMs: 1 }, { ...idleNumbers(), memoryStats: null }]) {
      expect(isPerformance(other)).toBe(false);
    }
    expect(isFlags({ version: 0, layers: {}, history: [], reverts: 0 })).toBe(true);
    for (const other of [null, [], {}, { version: "1", layers: {}, history: [] }])
      expect(isFlags(other)).toBe(false);
  });
});

describe("a refusal", () => {
  it("says in words what it means for the operator", () => {
    expect(failureOf(401, { code: "UNAUTHENTICATED" })).toMatchObject({ kind: "token" });
    expect(failureOf(403, { code: "FORBIDDEN" }).message).toContain("scope admin");
    expect(failureOf(404, null)).toMatchObject({ kind: "missing", code: null });
    expect(failureOf(409, { code: "VERSION_CONFLICT", detail: "Changed." })).toMatchObject({
      kind: "problem",
      code: "VERSION_CONFLICT",
      message: "Changed.",
    });
    expect(failureOf(502, "<html>").message).toBe("The server answered with status 502.");
  });
});

describe("our faults", () => {
  it("are the codes of the error table that say so, but for those that only ask for patience", () => {
    const patience = new Set(["RATE_LIMITED", "OVERLOADED", "SHUTTING_DOWN", "NOT_READY"]);
    const faults = Object.entries(ERROR_TABLE)
      .filter(([code, { category }]) => category === "service" && !patience.has(code))
      .map(([code]) => code);
    expect([...OUR_FAULTS].sort()).toEqual(faults.sort());
  });
});

describe("a pasted token", () => {
  it("may come as a header has it, or with its line end", () => {
    for (const pasted of ["abc.def", " abc.def\n", "Bearer abc.def", "Authorization: Bearer abc.def"]) {
      expect(tokenOf(pasted)).toBe("abc.def");
    }
    expect(looksLikeToken("abc.def")).toBe(true);
    for (const odd of ["", "two words", "ähm", "a\nb"]) expect(looksLikeToken(odd)).toBe(false);
  });
});
