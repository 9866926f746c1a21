/** A chart of some series over time, with a text in its place for whoever can't see it. */
import { useEffect, useRef } from "preact/hooks";
import type { View } from "../readings/history.js";
import type { Series } from "../readings/panel.js";
import type { Unit } from "../readings/units.js";
import { createPlot, type Plot } from "./plot.js";

export interface ChartProps {
  /** What a screen reader says. */
  readonly label: string;
  readonly unit: Unit;
  readonly series: readonly Series[];
  readonly view: View;
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** "light" or "dark": a chart is drawn anew in other colours. */
  readonly theme: string;
  /** Told which sample the pointer is at, in any chart; `null`: at none. */
  readonly onPoint: (index: number | null) => void;
}

export function Chart({ label, unit, series, view, from, to, theme, onPoint }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const shape = series.map(({ id }) => id).join("\n");

  useEffect(() => {
    if (place.current === null) return undefined;
    const made = createPlot(place.current, { unit, series, onPoint });
    plot.current = made;
    made.show({ view, from, to });
    return () => {
      made.close();
      plot.current = null;
    };
    // Other series, another look: another chart. Data alone is put into the one that is there.
  }, [shape, unit, theme]);

  useEffect(() => plot.current?.show({ view, from, to }), [view, from, to]);

  return <div class="chart" role="img" aria-label={label} ref={place} />;
}
