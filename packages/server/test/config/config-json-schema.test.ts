/** The schema for editors, and the loader: what the one takes the other takes. */
import { formatConfigMistake } from "@mainspring/engine/config";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../src/config/config-json-schema.js";
import { loadServeConfig, SERVE_KEYS } from "../../src/config/load-serve-config.js";
import { SERVE_SCHEMA } from "../../src/config/serve-schema.js";
import { complaintsAbout } from "../support/told-config.js";

const PRODUCTION = { MAINSPRING_JWT_SECRET: "a secret for tests, of more than thirty-two bytes" };

describe("the JSON Schema of the file", () => {
  const schema = configJsonSchema();

  it.each([
    {},
    { $schema: "./mainspring.schema.json", preset: "production" },
    {
      layers: {
        cache: { percent: 10, players: ["ada"] },
        checkpoint: "interval",
        memoryGovernor: { percent: 0 },
      },
    },
    { memory: { levelShares: [0.5, 0.6, 0.7] } },
  ])("takes %j, as the loader does", (file) => {
    expect(complaintsAbout({ file, env: PRODUCTION })).toEqual([]);
    expect(Value.Check(schema, file)).toBe(true);
  });

  it.each([
    { prest: "production" },
    { redis: { password: "hunter2" } },
    { layers: { cache: { players: ["ada"] } } },
    { memory: { levelShares: [0.5, 0.6] } },
    { server: { port: 65_536 } },
  ])("refuses %j, as the loader does", (file) => {
    expect(complaintsAbout({ file, env: PRODUCTION })).not.toEqual([]);
    expect(Value.Check(schema, file)).toBe(false);
  });

  it("takes every share with two decimals, also with a validator that divides in floating point", () => {
    const check = new Ajv2020({ strict: false }).compile(schema);
    const shares = Array.from({ length: 10_001 }, (_, hundredths) => hundredths / 100);
    expect(shares.filter((percent) => !check({ layers: { cache: { percent } } }))).toEqual([]);
    expect(check({ layers: { cache: { percent: 100.01 } } })).toBe(false);
  });

  it("has no words but those of JSON Schema", () => {
    const names = JSON.stringify(schema).matchAll(/"(unit|defaultIs|env|flag|expected|isDelicate)":/g);
    expect([...names]).toEqual([]);
  });
});

describe("any file at all", () => {
  const schema = configJsonSchema();
  const paths = SERVE_KEYS.map(({ path }) => path);
  /** Some that are right, some that are nearly right, and anything else. */
  const value = fc.oneof(
    fc.constantFrom(...SERVE_KEYS.map(({ default: byDefault }) => byDefault ?? "./text")),
    fc.constantFrom(0, 1, -1, 0.5, 16_777_216, true, false, "commit", "dynamodb", "", [0.5, 0.6, 0.7]),
    fc.record({
      percent: fc.oneof(
        fc.integer({ min: 0, max: 10_000 }).map((part) => part / 100),
        fc.double(),
      ),
    }),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const file = fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...paths), fc.string()), value), { maxLength: 8 })
    .map(nested);

  it("is either a configuration or told its mistakes, as the schema for editors sees it, too", () => {
    fc.assert(
      fc.property(file, (document) => {
        const said = JSON.parse(JSON.stringify(document)) as unknown;
        const { config, mistakes } = loadServeConfig({
          env: PRODUCTION,
          said: [],
          file: "x",
          readFile: () => said,
        });
        expect(config === null).toBe(mistakes.length > 0);
        if (config !== null) expect(Value.Check(SERVE_SCHEMA, config)).toBe(true);
        if (config !== null) expect(Value.Check(schema, said)).toBe(true);
        for (const mistake of mistakes)
          expect(formatConfigMistake(mistake)).toMatch(/^\S.*: \S.*\.( \S.*[.?])?$/s);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** `{ batch: { maxBatchSize: 7 } }` of `["batch.maxBatchSize", 7]`. */
function nested(entries: readonly (readonly [path: string, value: unknown])[]): object {
  const whole: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    const [section = "", ...names] = path.split(".");
    const [name, inner] = names;
    if (name === undefined) {
      whole[section] = value;
      continue;
    }
    const part = Object.hasOwn(whole, section) ? whole[section] : {};
    const at = inner === undefined ? { [name]: value } : { [name]: { [inner]: value } };
    whole[section] = typeof part === "object" ? { ...part, ...at } : at;
  }
  return whole;
}
