/** A panel: its state, its values now, its chart, and what it means. */
import { useMemo, useState } from "preact/hooks";
import type { Failure } from "../api/failure.js";
import type { Performance } from "../api/performance.js";
import { Chart } from "../charts/chart.js";
import { LineSample } from "../charts/line-sample.js";
import type { History, Values, View } from "../readings/history.js";
import type { Panel, Series } from "../readings/panel.js";
import { shown } from "../readings/units.js";
import { NOTHING_TO_JUDGE, type Verdict } from "../readings/verdict.js";
import { StateBadge } from "./state-badge.js";
import type { Range } from "./window.js";
import { ColumnHeads } from "./column-heads.js";

export interface Moment {
  readonly numbers: Performance;
  readonly history: History;
  readonly nowMs: number;
  readonly range: Range;
  readonly theme: string;
  /** Why the numbers are old, if they are. */
  readonly failure: Failure | null;
}

export function judge(panel: Panel, { numbers, history, nowMs, failure }: Moment): Verdict {
  // How it is now can't be told from how it was.
  if (failure !== null) return NOTHING_TO_JUDGE;
  if ((panel.absentBecause?.(numbers) ?? null) !== null) return NOTHING_TO_JUDGE;
  return panel.rule.judge({ history, now: numbers, atMs: nowMs, series: panel.seriesOf(numbers) });
}

export function PanelView({ panel, moment }: { readonly panel: Panel; readonly moment: Moment }) {
  const absent = panel.absentBecause?.(moment.numbers) ?? null;
  const verdict = judge(panel, moment);
  const titleId = `title-${panel.id}`;
  return (
    <article
      class={`panel ${verdict.state}`}
      id={`panel-${panel.id}`}
      tabIndex={-1}
      aria-labelledby={titleId}
    >
      <header>
        <h2 id={titleId}>{panel.title}</h2>
        <StateBadge state={verdict.state} />
      </header>
      {absent === null ? (
        <Body panel={panel} moment={moment} verdict={verdict} />
      ) : (
        <p class="absent">{absent}</p>
      )}
    </article>
  );
}

interface BodyProps {
  readonly panel: Panel;
  readonly moment: Moment;
  readonly verdict: Verdict;
}

function Body({ panel, moment, verdict }: BodyProps) {
  const [point, setPoint] = useState<number | null>(null);
  const { history, nowMs, range, theme, numbers } = moment;
  const series = panel.seriesOf(numbers);
  const view = useMemo(
    () =>
      history.view(
        series.map(({ id }) => id),
        nowMs - range.ms,
      ),
    [history, nowMs, range, panel],
  );
  const at = point === null ? null : (view.times[point] ?? null);
  const isBad = verdict.state === "watch" || verdict.state === "act";
  return (
    <>
      {isBad && (
        <p class="because">
          <strong>{verdict.because}.</strong> {panel.advice}
        </p>
      )}
      <ul class="legend" aria-label="Now">
        {series.map(({ id, label, isLimit = false }, index) => (
          <li key={id}>
            <LineSample index={index} isLimit={isLimit} />
            <span class="name">{label}</span>
            <span class="value">{shown(valueAt(view.columns[index], point), panel.unit)}</span>
          </li>
        ))}
        <li class="when" aria-hidden="true">
          {at === null ? "now" : new Date(at * 1_000).toLocaleTimeString("en-GB")}
        </li>
      </ul>
      <Chart
        label={inWords(panel, { series, view, range })}
        unit={panel.unit}
        series={series}
        view={view}
        from={(nowMs - range.ms) / 1_000}
        to={nowMs / 1_000}
        theme={theme}
        onPoint={setPoint}
      />
      <details>
        <summary>
          What it means<span class="for-ears"> ({panel.title})</span>
        </summary>
        <p>{panel.meaning}</p>
        <p>
          <b>What to do.</b> {panel.advice}
        </p>
        <p>
          <b>Threshold.</b> {panel.rule.text}
        </p>
        <Figures panel={panel} series={series} view={view} range={range} />
      </details>
    </>
  );
}

interface FiguresProps {
  readonly panel: Panel;
  readonly series: readonly Series[];
  readonly view: View;
  readonly range: Range;
}

function Figures({ panel: { unit }, series, view, range }: FiguresProps) {
  return (
    <table class="figures">
      <caption>The last {range.name}</caption>
      <ColumnHeads names={["Series", "Now", "Lowest", "Mean", "Highest"]} />
      <tbody>
        {series.map(({ id, label }, index) => {
          const { now, low, mean, high } = summaryOf(view.columns[index] ?? []);
          return (
            <tr key={id}>
              <th scope="row">{label}</th>
              {[now, low, mean, high].map((value, column) => (
                <td key={column}>{shown(value, unit)}</td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function valueAt(column: Values | undefined, point: number | null): number | null {
  return (point === null ? column?.at(-1) : column?.[point]) ?? null;
}

interface Summary {
  readonly now: number | null;
  readonly low: number | null;
  readonly mean: number | null;
  readonly high: number | null;
}

function summaryOf(column: Values): Summary {
  const there = column.filter((value) => value !== null);
  const now = column.at(-1) ?? null;
  if (there.length === 0) return { now, low: null, mean: null, high: null };
  return {
    now,
    low: there.reduce((a, b) => Math.min(a, b)),
    mean: there.reduce((a, b) => a + b) / there.length,
    high: there.reduce((a, b) => Math.max(a, b)),
  };
}

/** The chart for whoever doesn't see it. */
function inWords({ title, unit }: Panel, { series, view, range }: Omit<FiguresProps, "panel">): string {
  const each = series.map(({ label }, index) => {
    const { now, low, high } = summaryOf(view.columns[index] ?? []);
    return `${label} ${shown(now, unit)}, between ${shown(low, unit)} and ${shown(high, unit)}`;
  });
  return `${title}, the last ${range.name}: ${each.join("; ")}.`;
}
