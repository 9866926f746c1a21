/** A piece of a line as it looks in the chart, for its legend. */
import { DASHES, LIMIT_DASH, SERIES_COLOURS } from "./plot.js";

export function LineSample({ index, isLimit }: { readonly index: number; readonly isLimit: boolean }) {
  const dash = isLimit ? LIMIT_DASH : (DASHES[index % DASHES.length] ?? []);
  const name = isLimit ? "limit" : `series-${(index % SERIES_COLOURS) + 1}`;
  return (
    <svg class={`line-sample ${name}`} viewBox="0 0 22 4" aria-hidden="true" focusable="false">
      <line x1="0" y1="2" x2="22" y2="2" stroke-dasharray={dash.join(" ")} />
    </svg>
  );
}
