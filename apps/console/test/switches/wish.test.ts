/** From what is typed to what is sent, and what is said about it. */
import { describe, expect, it } from "vitest";
import type { Layer } from "../../src/api/flags.js";
import { consequences, isPartial, settingInWords } from "../../src/switches/in-words.js";
import { takenBack } from "../../src/switches/taken-back.js";
import { type Draft, draftOf, wishOf } from "../../src/switches/wish.js";

const OFF = { percent: 0, players: [], except: [] };
const ON = { percent: 100, players: [], except: [] };

const draft = (changed: Partial<Draft>): Draft => ({
  choice: "share",
  percent: "10",
  players: "",
  except: "",
  isGuarded: true,
  ...changed,
});

const layer = (changed: Partial<Layer>): Layer => ({
  ...OFF,
  isGuarded: true,
  isBuiltIn: true,
  notBuiltInBecause: null,
  isOfWholeProcess: false,
  configured: OFF,
  changedAtMs: null,
  changedBy: null,
  reason: null,
  arms: null,
  ...changed,
});

describe("what an operator types", () => {
  it("is a setting", () => {
    expect(wishOf(draft({ percent: "12.5", players: "ada, bob\nbob", except: "eve" }), OFF)).toEqual({
      percent: 12.5,
      players: ["ada", "bob"],
      except: ["eve"],
      isGuarded: true,
    });
    expect(wishOf(draft({ percent: "12,5" }), OFF)).toMatchObject({ percent: 12.5 });
    expect(wishOf(draft({ choice: "all" }), OFF)).toMatchObject({ percent: 100 });
    expect(wishOf(draft({ choice: "off", percent: "nonsense" }), OFF)).toMatchObject({ percent: 0 });
    expect(wishOf(draft({ choice: "configured" }), { ...ON, except: ["eve"] })).toMatchObject({
      percent: 100,
      except: ["eve"],
    });
  });

  it("is told what is wrong with it before anything is sent", () => {
    for (const percent of ["", "ten", "0", "100", "-1", "1e9"]) {
      expect(wishOf(draft({ percent }), OFF)).toBe("The share must be a number between 0 and 100.");
    }
    expect(wishOf(draft({ percent: "0.001" }), OFF)).toContain("two decimals");
    expect(wishOf(draft({ players: "no/slash" }), OFF)).toContain("“no/slash”");
    expect(wishOf(draft({ players: "ada", except: "ada" }), OFF)).toContain("always on and always off");
  });

  it("begins with what is set", () => {
    for (const setting of [OFF, ON, { percent: 0.01, players: ["ada"], except: ["bob"] }]) {
      expect(wishOf(draftOf({ ...setting, isGuarded: false }), OFF)).toEqual({
        ...setting,
        isGuarded: false,
      });
    }
  });
});

describe("a confirmation", () => {
  const wish = (percent: number, changed = {}) => ({
    percent,
    players: [],
    except: [],
    isGuarded: true,
    ...changed,
  });

  it("says who gets it, and that it is always the same ones", () => {
    const said = consequences("cache", layer({}), wish(10)).join("\n");
    expect(said).toContain("10 % of players get it, always the same ones");
    expect(said).toContain("All others: Each read asks the store.");
    expect(said).toContain("takes all of them back within 30 seconds");
  });

  it("says who keeps it when a share grows, and who loses it when it shrinks", () => {
    expect(consequences("cache", layer({ percent: 10 }), wish(20)).join("\n")).toContain(
      "The 10 % who have it keep it.",
    );
    expect(consequences("cache", layer({ percent: 20 }), wish(10)).join("\n")).toContain(
      "They are among the 20 % who have it now; the others lose it.",
    );
  });

  it("says when nobody watches, and doesn't speak of a guard where there is nothing to compare", () => {
    expect(consequences("cache", layer({}), wish(10, { isGuarded: false })).join("\n")).toContain(
      "Nobody watches",
    );
    for (const percent of [0, 100]) {
      expect(consequences("cache", layer({ percent: 50 }), wish(percent)).join("\n")).not.toMatch(
        /guard|watches/,
      );
    }
  });

  it("says that a layer of the whole process is for everybody", () => {
    const said = consequences("memoryGovernor", layer({ ...ON, isOfWholeProcess: true }), wish(0));
    expect(said[0]).toBe(
      "For the whole process, on every instance: Local caches keep to their own bounds alone, however short memory is.",
    );
  });

  it("names the players of short lists and counts those of long ones", () => {
    const many = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const said = consequences("cache", layer({}), wish(10, { players: ["ada", "bob"], except: many })).join(
      "\n",
    );
    expect(said).toContain("Always on for ada, bob.");
    expect(said).toContain("Always off for 12 players.");
  });

  it("tells a layer that it doesn't know by its name", () => {
    expect(consequences("newLayer", layer({}), wish(100))[0]).toBe("Everybody gets it: It is on.");
  });
});

describe("a setting", () => {
  it("is told in words", () => {
    expect(settingInWords(OFF)).toBe("off");
    expect(settingInWords(ON)).toBe("on for everybody");
    expect(settingInWords({ percent: 12.5, playerCount: 1, exceptCount: 2 })).toBe(
      "on for 12.5 % of players; always on for 1 player; always off for 2 players",
    );
    expect(settingInWords({ percent: 10, players: ["ada", "bob"], except: [] })).toBe(
      "on for 10 % of players; always on for ada, bob",
    );
    expect(settingInWords(ON, { isOfWholeProcess: true })).toBe("on");
  });

  it("is partial if some have it and some don't", () => {
    expect([OFF, ON].map(isPartial)).toEqual([false, false]);
    expect(
      [
        { ...OFF, players: ["ada"] },
        { ...ON, except: ["ada"] },
        { ...OFF, percent: 1 },
      ].map(isPartial),
    ).toEqual([true, true, true]);
  });
});

describe("what the guard took back", () => {
  const change = (name: string, by: string, atMs: number) => ({
    atMs,
    layer: name,
    by,
    reason: "worse",
    from: { percent: 10, playerCount: 0, exceptCount: 0 },
    to: { percent: 0, playerCount: 0, exceptCount: 0 },
  });

  it("is told until somebody switches that layer again", () => {
    const history = [
      change("batching", "admin:ada", 4),
      change("cache", "guard", 3),
      change("batching", "guard", 2),
      change("cache", "admin:ada", 1),
    ];
    expect(takenBack(history).map(({ layer: name, atMs }) => [name, atMs])).toEqual([["cache", 3]]);
    expect(takenBack([])).toEqual([]);
  });
});
