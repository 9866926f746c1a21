/** Who switched what, and why; what the guard took back stands out. */
import type { Change, Flags } from "../api/flags.js";
import { StateIcon } from "../page/icons.js";
import { settingInWords } from "./in-words.js";
import { wordsOf } from "./layers.js";
import { ColumnHeads } from "../page/column-heads.js";

export function HistoryTable({ history, layers }: Pick<Flags, "history" | "layers">) {
  return (
    <div class="wide">
      <h2 id="history">What was switched</h2>
      {history.length === 0 ? (
        <p class="waiting">Nothing yet: all layers are as configured.</p>
      ) : (
        // It scrolls sideways on a phone, and whoever has only a keyboard must be able to.
        <div class="scroll" tabIndex={0} role="region" aria-labelledby="history">
          <table class="history">
            <ColumnHeads names={["When", "Layer", "From", "To", "By", "Why"]} />
            <tbody>
              {history.map((change) => (
                <Row
                  key={`${change.atMs} ${change.layer}`}
                  change={change}
                  isOfWholeProcess={layers[change.layer]?.isOfWholeProcess ?? false}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Row({ change, isOfWholeProcess }: { readonly change: Change; readonly isOfWholeProcess: boolean }) {
  const { atMs, layer, by, reason, from, to } = change;
  const at = new Date(atMs);
  return (
    <tr class={by === "guard" ? "reverted" : ""}>
      <td>
        <time dateTime={at.toISOString()}>
          {at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}{" "}
          {at.toLocaleTimeString("en-GB")}
        </time>
      </td>
      <th scope="row">{wordsOf(layer).title}</th>
      <td>{settingInWords(from, { isOfWholeProcess })}</td>
      <td>{settingInWords(to, { isOfWholeProcess })}</td>
      <td>
        {by === "guard" ? (
          <span class="badge act">
            <StateIcon state="act" />
            Guard
          </span>
        ) : (
          by
        )}
      </td>
      <td class="why">{reason}</td>
    </tr>
  );
}
