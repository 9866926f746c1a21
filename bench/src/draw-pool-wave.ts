/** The picture of a pool under a wave of load, as SVG. It brings its own background, so that it can be read on any. */
const MS_PER_SECOND = 1000;

/** What was seen at one instant. */
export interface WaveSample {
  readonly atMs: number;
  readonly open: number;
  readonly busy: number;
  readonly waiting: number;
}

export interface WaveFrame {
  readonly minConnections: number;
  readonly maxConnections: number;
  readonly durationMs: number;
}

const SIZE = { width: 860, height: 400 };
const PLOT = { left: 64, right: 836, top: 84, bottom: 344 };
const TICK_EVERY = 5;
const SECONDS_PER_TICK = 2;

const STYLE = `
    .card { fill: #fbf7ef; stroke: #8a6d3b; }
    .ink { fill: #3b2f1e; }
    .soft { fill: #7a6a52; }
    .grid { stroke: #e4d9c3; }
    .limit { stroke: #7a6a52; stroke-dasharray: 5 4; }
    .flight { fill: #c98b3c; fill-opacity: 0.45; }
    .open { fill: none; stroke: #3f6b4a; stroke-width: 2.5; }
    .waiting { fill: none; stroke: #a4584c; stroke-width: 2; }`;

type Point = readonly [xPx: number, yPx: number];

/** Each series as it was sampled; in flight and waiting as the mean of five samples, for they change within milliseconds. */
export function drawPoolWave(samples: readonly WaveSample[], frame: WaveFrame): string {
  const most = Math.max(frame.maxConnections, ...samples.flatMap(({ open, waiting }) => [open, waiting]));
  const top = Math.ceil((most + 1) / TICK_EVERY) * TICK_EVERY;
  const x = (atMs: number): number => PLOT.left + ((PLOT.right - PLOT.left) * atMs) / frame.durationMs;
  const y = (count: number): number => PLOT.bottom - ((PLOT.bottom - PLOT.top) * count) / top;
  const pointsOf = (counts: readonly number[]): readonly Point[] =>
    samples.map(({ atMs }, at): Point => [x(Math.min(atMs, frame.durationMs)), y(counts[at] ?? 0)]);
  const busy = pointsOf(smoothed(samples.map((sample) => sample.busy)));
  const waiting = pointsOf(smoothed(samples.map((sample) => sample.waiting)));
  const open = pointsOf(samples.map((sample) => sample.open));
  const floor: readonly Point[] = [
    [busy.at(-1)?.[0] ?? PLOT.right, y(0)],
    [PLOT.left, y(0)],
  ];
  const label =
    "A connection pool under a wave of load: the open connections follow the requests in flight, up to the maximum; beyond it requests wait; after the wave half of what is not needed is let go in each period, down to the minimum.";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${label}">
  <style>${STYLE}
  </style>
  <rect class="card" x="1" y="1" width="${SIZE.width - 2}" height="${SIZE.height - 2}" rx="12"/>
  <text class="ink" x="24" y="34" font-size="17" font-weight="600">The pool under a wave of load</text>
${legend()}
${grid(top, frame, { x, y })}
  <path class="flight" d="M${path(busy)} L${path(floor)} Z"/>
${limits(frame, y)}
  <path class="waiting" d="M${path(waiting)}"/>
  <path class="open" d="M${path(steps(open))}"/>
  <text class="soft" x="${(PLOT.left + PLOT.right) / 2}" y="${SIZE.height - 14}" text-anchor="middle">seconds</text>
</svg>
`;
}

function smoothed(counts: readonly number[]): readonly number[] {
  const reach = 2;
  return counts.map((_, at) => {
    const near = counts.slice(Math.max(0, at - reach), at + reach + 1);
    return near.reduce((sum, count) => sum + count, 0) / near.length;
  });
}

/** Connections come and go at once, not along a slope. */
function steps(points: readonly Point[]): readonly Point[] {
  return points
    .flatMap((point, at): readonly Point[] => {
      const before = points[at - 1];
      if (before === undefined) return [point];
      return before[1] === point[1] ? [] : [[point[0], before[1]], point];
    })
    .concat(points.slice(-1));
}

const path = (points: readonly Point[]): string =>
  points.map(([xPx, yPx]) => `${xPx.toFixed(1)} ${yPx.toFixed(1)}`).join(" L");

function legend(): string {
  const entries = [
    { at: 64, mark: `<path class="open" d="M64 56 h26"/>`, text: "connections open" },
    {
      at: 236,
      mark: `<rect class="flight" x="236" y="49" width="26" height="14"/>`,
      text: "requests in flight",
    },
    { at: 412, mark: `<path class="waiting" d="M412 56 h26"/>`, text: "requests waiting" },
  ];
  return entries
    .map(({ at, mark, text }) => `  ${mark}<text class="ink" x="${at + 34}" y="60">${text}</text>`)
    .join("\n");
}

interface Scales {
  readonly x: (atMs: number) => number;
  readonly y: (count: number) => number;
}

function grid(top: number, { durationMs }: WaveFrame, { x, y }: Scales): string {
  const lines: string[] = [];
  for (let count = 0; count <= top; count += TICK_EVERY) {
    lines.push(
      `  <path class="grid" d="M${PLOT.left} ${y(count)} H${PLOT.right}"/><text class="soft" x="${PLOT.left - 10}" y="${y(count) + 4}" text-anchor="end">${count}</text>`,
    );
  }
  for (let second = 0; second * MS_PER_SECOND <= durationMs; second += SECONDS_PER_TICK) {
    lines.push(
      `  <text class="soft" x="${x(second * MS_PER_SECOND)}" y="${PLOT.bottom + 20}" text-anchor="middle">${second}</text>`,
    );
  }
  return lines.join("\n");
}

function limits({ minConnections, maxConnections }: WaveFrame, y: Scales["y"]): string {
  const lines = (
    [
      ["minimum", minConnections, 17],
      ["maximum", maxConnections, -6],
    ] as const
  ).map(
    ([name, count, textPx]) =>
      `  <path class="limit" d="M${PLOT.left} ${y(count)} H${PLOT.right}"/><text class="ink" x="${PLOT.right - 6}" y="${y(count) + textPx}" text-anchor="end">${name} ${count}</text>`,
  );
  return lines.join("\n");
}
