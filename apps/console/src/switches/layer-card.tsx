/** One layer: what it is, for whom it is on, how both arms fare, and who said so. */
import type { ArmNumbers, Layer } from "../api/flags.js";
import { duration, shown } from "../readings/units.js";
import { isPartial, isSame, percentOf, settingInWords } from "./in-words.js";
import { wordsOf } from "./layers.js";
import { ColumnHeads } from "../page/column-heads.js";

export interface LayerCardProps {
  readonly name: string;
  readonly layer: Layer;
  readonly onChange: () => void;
}

export function LayerCard({ name, layer, onChange }: LayerCardProps) {
  const { title, about } = wordsOf(name);
  const titleId = `layer-${name}`;
  return (
    <article class={`layer ${layer.isBuiltIn ? "" : "not-built-in"}`} aria-labelledby={titleId}>
      <header>
        <h2 id={titleId}>{title}</h2>
        <Setting layer={layer} />
      </header>
      <p class="about">{about}</p>
      {layer.isBuiltIn ? (
        <>
          {!layer.isOfWholeProcess && <Share percent={layer.percent} />}
          <Facts layer={layer} />
          {layer.arms !== null && <Arms on={layer.arms.on} off={layer.arms.off} />}
          <button type="button" onClick={onChange}>
            Change<span class="for-ears"> {title}</span>…
          </button>
        </>
      ) : (
        <p class="absent">Not built in: {layer.notBuiltInBecause}</p>
      )}
    </article>
  );
}

function Setting({ layer }: { readonly layer: Layer }) {
  if (!layer.isBuiltIn) return <span class="setting off">not built in</span>;
  const kind = isPartial(layer) ? "partial" : layer.percent === 0 ? "off" : "on";
  const short = kind === "partial" ? (layer.percent === 0 ? "some" : percentOf(layer.percent)) : kind;
  return <span class={`setting ${kind}`}>{short}</span>;
}

function Share({ percent }: { readonly percent: number }) {
  return (
    <div class="share" aria-hidden="true">
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

function Facts({ layer }: { readonly layer: Layer }) {
  const { changedAtMs, changedBy, reason, configured, isGuarded } = layer;
  const whole = { isOfWholeProcess: layer.isOfWholeProcess };
  return (
    <dl class="facts">
      <div>
        <dt>Now</dt>
        <dd>{settingInWords(layer, whole)}</dd>
      </div>
      {!isSame(layer, configured) && (
        <div>
          <dt>Configured</dt>
          <dd>{settingInWords(configured, whole)}</dd>
        </div>
      )}
      {isPartial(layer) && (
        <div>
          <dt>Guard</dt>
          <dd>{isGuarded ? "watches both arms" : "doesn't watch"}</dd>
        </div>
      )}
      <div>
        <dt>Changed</dt>
        <dd>
          {changedAtMs === null ? (
            "as configured"
          ) : (
            <>
              <time dateTime={new Date(changedAtMs).toISOString()}>
                {duration(Date.now() - changedAtMs)} ago
              </time>
              {changedBy !== null && ` by ${changedBy}`}
              {reason !== null && <q>{reason}</q>}
            </>
          )}
        </dd>
      </div>
    </dl>
  );
}

/** Both arms beside each other. */
function Arms({ on, off }: { readonly on: ArmNumbers; readonly off: ArmNumbers }) {
  const rows: readonly (readonly [string, ArmNumbers])[] = [
    ["with it", on],
    ["without", off],
  ];
  return (
    <table class="arms">
      <caption>The last 30 seconds, on the server that answered</caption>
      <ColumnHeads names={["Players", "Requests", "Failed", "Wrong", "p50", "p99"]} />
      <tbody>
        {rows.map(([label, { requests, errors, wrong, p50Ms, p99Ms }]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{shown(requests, "count")}</td>
            <td>{shown(errors, "count")}</td>
            <td>{shown(wrong, "count")}</td>
            <td>{shown(p50Ms, "ms")}</td>
            <td>{shown(p99Ms, "ms")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
