/** Random tests that can be replayed: a failure prints seed and path, and `MAINSPRING_SEED` and `MAINSPRING_PATH` set them. */
import * as fc from "fast-check";

/** By default; `MAINSPRING_SCHEDULES` asks for another number. */
const DEFAULT_RUNS = 250;

export async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => Promise<void>,
  runCount = DEFAULT_RUNS,
): Promise<void> {
  const { MAINSPRING_SEED: seed, MAINSPRING_PATH: path, MAINSPRING_SCHEDULES: runs } = process.env;
  await fc.assert(fc.asyncProperty(arbitrary, property), {
    numRuns: Number(runs ?? runCount),
    includeErrorInReport: true,
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && path !== "" && { path }),
  });
}
