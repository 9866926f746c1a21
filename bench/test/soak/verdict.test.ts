/** What is called growth, and what isn't. */
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/fixtures/crowd.js";
import { type SoakSample, verdictOf } from "../../src/soak/verdict.js";

const MEBIBYTE = 1024 ** 2;
const LIVE_BYTES = 100 * MEBIBYTE;
const SAMPLE_COUNT = 30;
const EVERY_MS = 3_000;
const REQUESTS = 900;

function samplesOf(of: (index: number) => Partial<SoakSample>): SoakSample[] {
  return Array.from({ length: SAMPLE_COUNT }, (_, index) => ({
    atMs: index * EVERY_MS,
    liveBytes: LIVE_BYTES,
    residentBytes: 2 * LIVE_BYTES,
    requestCount: index * REQUESTS,
    counts: { sockets: 64 },
    ...of(index),
  }));
}

/** To and fro by up to 100 KiB. */
const unrest = (random: () => number): number => (random() - 0.5) * 200 * 1024;

describe("the verdict on a soak", () => {
  it("is flat where what is live goes up and down", () => {
    const random = seededRandom(1);
    const verdict = verdictOf(samplesOf(() => ({ liveBytes: LIVE_BYTES + unrest(random) })));
    expect(verdict).toMatchObject({ isGrowing: false, grown: [], requestsPerMinute: 20 * REQUESTS });
  });

  it("is growth where a hundred bytes are kept of each request", () => {
    const random = seededRandom(1);
    const leaking = samplesOf((index) => ({
      liveBytes: LIVE_BYTES + unrest(random) + index * REQUESTS * 100,
    }));
    expect(verdictOf(leaking).isGrowing).toBe(true);
  });

  it("is no growth where a cache is filled up at last, by less than counts", () => {
    const filling = samplesOf((index) => ({ liveBytes: LIVE_BYTES * (1 + 0.004 * (index / SAMPLE_COUNT)) }));
    expect(verdictOf(filling).isGrowing).toBe(false);
  });

  it("names what there is always more of in the last third than ever in the first", () => {
    const counted = samplesOf((index) => ({
      counts: {
        "to and fro": 5 + (index % 2),
        "opened once": index < 8 ? 1 : 2,
        "one more now and then": 3 + Math.floor(index / 12),
        "new at the end": index < 20 ? 0 : 1,
        ...(index > 20 && { "only at the end": 1 }),
      },
    }));
    expect(verdictOf(counted).grown).toEqual(["new at the end", "one more now and then"]);
  });

  it("says what was seen of each kind at both ends", () => {
    const { counts } = verdictOf(samplesOf((index) => ({ counts: { sockets: index } })));
    expect(counts).toEqual([{ kind: "sockets", first: [0, 9], last: [20, 29] }]);
  });
});
