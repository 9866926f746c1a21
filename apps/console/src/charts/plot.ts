/** Draws with uPlot, in the page's colours. */
import uPlot from "uplot";
import type { View } from "../readings/history.js";
import type { Series } from "../readings/panel.js";
import { shown, type Unit } from "../readings/units.js";

export interface Shown {
  readonly view: View;
  readonly from: number;
  readonly to: number;
}

export interface Plot {
  show(shown: Shown): void;
  close(): void;
}

export interface PlotOptions {
  readonly unit: Unit;
  readonly series: readonly Series[];
  readonly onPoint: (index: number | null) => void;
}

const AXIS_FONT = '11px "Inter Variable", system-ui, sans-serif';
const Y_AXIS_WIDTH = 56;
const LINE_WIDTH = 1.75;
const LIMIT_WIDTH = 1.25;

/** As many as there are colours; lines beyond have the same again, with another dash. */
export const SERIES_COLOURS = 5;

/** Lines differ in their dashes, too, and not only in their colours. */
export const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [10, 3, 2, 3], [4, 2], [1, 2]];

export const LIMIT_DASH: readonly number[] = [5, 4];

/** The top of an axis is no lower than this, so that noise doesn't look like a storm. */
const LOWEST_TOP: Readonly<Record<Unit, number>> = {
  "per-second": 1,
  ms: 1,
  bytes: 1_048_576,
  share: 0.01,
  count: 4,
  level: 3,
};

/** Steps of an axis of bytes: powers of two, so that they are even in KiB and MiB. */
const BYTE_STEPS: number[] = Array.from({ length: 45 }, (_, power) => 2 ** power);

const HEADROOM = 1.12;

export function createPlot(place: HTMLElement, { unit, series, onPoint }: PlotOptions): Plot {
  const colourOf = createColours(place);
  let now: Shown = { view: { times: [], columns: [], gaps: [] }, from: 0, to: 1 };
  let point: number | null = null;
  const plot = new uPlot(
    {
      ...sizeOf(place),
      // The last label of the time stands half beside the chart.
      padding: [8, 26, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        sync: { key: "console", setSeries: false },
      },
      scales: {
        x: { time: true, range: () => [now.from, now.to] },
        y: { range: (_plot, _low, high) => [0, topOf(unit, high)] },
      },
      axes: axesOf(unit, colourOf, () => now),
      series: [
        {},
        ...series.map((each, index) =>
          lineOf(each, index, { colourOf, isAlone: isAlone(series), isStepped: unit === "level" }),
        ),
      ],
      hooks: {
        drawClear: [(self) => drawGaps(self, now.view.gaps, colourOf("--gap"))],
        setCursor: [
          (self) => {
            const next = self.cursor.idx ?? null;
            if (next === point) return;
            point = next;
            onPoint(next);
          },
        ],
      },
    },
    [[], ...series.map(() => [])],
    place,
  );
  const sizes = new ResizeObserver(() => plot.setSize(sizeOf(place)));
  sizes.observe(place);
  return {
    show(next) {
      now = next;
      plot.setData([[...next.view.times], ...next.view.columns.map((column) => [...column])]);
    },
    close() {
      sizes.disconnect();
      plot.destroy();
    },
  };
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement): {
  readonly width: number;
  readonly height: number;
} {
  return { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) };
}

function isAlone(series: readonly Series[]): boolean {
  return series.filter(({ isLimit }) => isLimit !== true).length === 1;
}

type ColourOf = (name: string) => string;

/** What a colour of the style sheet is at present: a canvas knows no variables. */
function createColours(place: HTMLElement): ColourOf {
  return (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    place.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

interface LineLook {
  readonly colourOf: ColourOf;
  readonly isAlone: boolean;
  /** It is one thing or the other, and nothing between. */
  readonly isStepped: boolean;
}

function lineOf(
  { label, isLimit = false }: Series,
  index: number,
  { colourOf, isAlone: alone, isStepped }: LineLook,
): uPlot.Series {
  const name = isLimit ? "--limit" : `--series-${(index % SERIES_COLOURS) + 1}`;
  const dash = isLimit ? LIMIT_DASH : (DASHES[index % DASHES.length] ?? []);
  return {
    label,
    stroke: colourOf(name),
    width: isLimit ? LIMIT_WIDTH : LINE_WIDTH,
    dash: [...dash],
    points: { show: false },
    ...(isStepped && uPlot.paths.stepped !== undefined && { paths: uPlot.paths.stepped({ align: 1 }) }),
    ...(alone && !isLimit && { fill: colourOf("--series-1-fill") }),
  };
}

function axesOf(unit: Unit, colourOf: ColourOf, now: () => Shown): uPlot.Axis[] {
  const shared = {
    font: AXIS_FONT,
    stroke: colourOf("--text-quiet"),
    ticks: { show: false },
    grid: { stroke: colourOf("--grid"), width: 1 },
  };
  return [
    {
      ...shared,
      grid: { show: false },
      space: 64,
      size: 22,
      values: (_plot, splits) => splits.map((seconds) => timeOf(seconds, now())),
    },
    {
      ...shared,
      size: Y_AXIS_WIDTH,
      space: 34,
      ...(unit === "bytes" && { incrs: BYTE_STEPS }),
      values: (_plot, splits) =>
        splits.map((value) => (unit === "level" && value % 1 !== 0 ? "" : shown(value, unit))),
    },
  ];
}

function topOf(unit: Unit, high: number | null): number {
  const top = Math.max(LOWEST_TOP[unit], (high ?? 0) * HEADROOM);
  return unit === "share" && (high ?? 0) <= 1 ? Math.min(1, top) : top;
}

const SECONDS_SHOWN_WITHIN = 300;

function timeOf(seconds: number, { from, to }: Shown): string {
  const isClose = to - from <= SECONDS_SHOWN_WITHIN;
  return new Date(seconds * 1_000).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(isClose && { second: "2-digit" }),
  });
}

/** A band where the server gave no answer. */
function drawGaps(plot: uPlot, gaps: View["gaps"], colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  for (const { from, to } of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}
