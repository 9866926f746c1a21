/** For whom a layer is on: the share it is given, always the same players, and the lists. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Layer, LAYERS, type LayerSetting } from "../../src/flags/layers.js";
import { createReach, isPartial, servesAnybody } from "../../src/flags/reach.js";

const PLAYER_COUNT = 100_000;

const idForms: Readonly<Record<string, (index: number) => string>> = {
  "that count up": (index) => `player-${index}`,
  "that are numbers alone": (index) => String(index),
  "of a login service": (index) => `auth0|${(index * 2_654_435_761).toString(16).padStart(16, "0")}`,
};

function reached(layer: Layer, setting: Partial<LayerSetting>, ids: readonly string[]): Set<string> {
  const reach = createReach(layer);
  reach.set({ percent: 0, players: [], except: [], ...setting });
  return new Set(ids.filter(reach.isOn));
}

describe.each(Object.entries(idForms))("a rollout to players with ids %s", (_form, idOf) => {
  const ids = Array.from({ length: PLAYER_COUNT }, (_, index) => idOf(index));

  it.each(LAYERS)("of %s reaches 10 %% of them, within one, and 20 %% contain the same ones", (layer) => {
    const some = reached(layer, { percent: 10 }, ids);
    expect(some.size / PLAYER_COUNT).toBeGreaterThan(0.09);
    expect(some.size / PLAYER_COUNT).toBeLessThan(0.11);
    expect(reached(layer, { percent: 10 }, ids)).toEqual(some);
    const more = reached(layer, { percent: 20 }, ids);
    expect(more.size / PLAYER_COUNT).toBeGreaterThan(0.19);
    expect(more.size / PLAYER_COUNT).toBeLessThan(0.21);
    expect([...some].filter((id) => !more.has(id))).toEqual([]);
  });

  it("reaches others with each layer", () => {
    const first = reached("cache", { percent: 10 }, ids);
    const second = reached("batching", { percent: 10 }, ids);
    const both = [...first].filter((id) => second.has(id)).length;
    expect(both / PLAYER_COUNT).toBeGreaterThan(0.008);
    expect(both / PLAYER_COUNT).toBeLessThan(0.012);
  });

  it("reaches a hundredth of a percent, everybody and nobody", () => {
    expect(reached("pool", { percent: 0 }, ids).size).toBe(0);
    expect(reached("pool", { percent: 100 }, ids).size).toBe(PLAYER_COUNT);
    const few = reached("pool", { percent: 0.01 }, ids).size;
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(40);
  });
});

describe("lists", () => {
  it("add players to a share, and take players out of it", () => {
    const ids = ["ada", "bob", "cleo"];
    expect(reached("cache", { players: ["bob"] }, ids)).toEqual(new Set(["bob"]));
    expect(reached("cache", { percent: 100, except: ["bob"] }, ids)).toEqual(new Set(["ada", "cleo"]));
  });

  it("never make a larger share lose a player", () => {
    const share = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
    const id = fc.string({ minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(fc.constantFrom(...LAYERS), share, share, id, (layer, one, other, playerId) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        const isIn = (percent: number): boolean => reached(layer, { percent }, [playerId]).size === 1;
        return !isIn(less) || isIn(more);
      }),
    );
  });

  it("tell what is partly rolled out, and what serves nobody", () => {
    const setting = (given: Partial<LayerSetting>): LayerSetting => ({
      percent: 0,
      players: [],
      except: [],
      ...given,
    });
    expect(isPartial(setting({ percent: 100 }))).toBe(false);
    expect(isPartial(setting({ percent: 100, except: ["ada"] }))).toBe(true);
    expect(isPartial(setting({}))).toBe(false);
    expect(isPartial(setting({ except: ["ada"] }))).toBe(false);
    expect(isPartial(setting({ players: ["ada"] }))).toBe(true);
    expect(servesAnybody(setting({ players: ["ada"] }))).toBe(true);
    expect(servesAnybody(setting({ except: ["ada"] }))).toBe(false);
  });
});
