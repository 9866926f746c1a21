/** The switches: what is on for whom, how it fares, who changed it, and the way to change it. */
import { useState } from "preact/hooks";
import type { ConsoleApi } from "../api/console-api.js";
import type { Flags } from "../api/flags.js";
import { PageTitle } from "../page/section-view.js";
import { StateIcon } from "../page/icons.js";
import { HistoryTable } from "./history-table.js";
import { LayerCard } from "./layer-card.js";
import { wordsOf } from "./layers.js";
import { SwitchDialog } from "./switch-dialog.js";
import { useFlags } from "./use-flags.js";

const ABOUT =
  "Each layer can be switched while the server runs: for everybody, for a share of the players, or for single ones. Without any of them the plain path runs.";

export function SwitchesSection({ api }: { readonly api: ConsoleApi }) {
  const { flags, failure, take } = useFlags(api);
  const [changed, setChanged] = useState<string | null>(null);
  const [told, setTold] = useState("");
  return (
    <>
      <PageTitle title="Switches" about={ABOUT} />
      <p class="for-ears" role="status">
        {told}
      </p>
      {failure !== null && (
        <p class="notice act" role="alert">
          <StateIcon state="act" />
          <span>
            {failure.kind === "missing"
              ? "This server has no switches to turn at run time."
              : failure.message}
          </span>
        </p>
      )}
      {flags === null ? (
        failure === null && <p class="waiting">Waiting for the switches…</p>
      ) : (
        <>
          <Reverts flags={flags} />
          <div class="layers">
            {Object.entries(flags.layers).map(([name, layer]) => (
              <LayerCard key={name} name={name} layer={layer} onChange={() => setChanged(name)} />
            ))}
          </div>
          <HistoryTable history={flags.history} layers={flags.layers} />
          {changed !== null && (
            <SwitchDialog
              key={changed}
              api={api}
              name={changed}
              flags={flags}
              onAnswer={take}
              onDone={(what) => {
                setTold(what);
                setChanged(null);
              }}
            />
          )}
        </>
      )}
    </>
  );
}

/** What the guard took back and nobody has switched since. */
function Reverts({ flags: { history, layers } }: { readonly flags: Flags }) {
  const reverts = Object.keys(layers)
    .map((name) => history.find(({ layer }) => layer === name))
    .filter((last) => last?.by === "guard");
  return (
    <>
      {reverts.map(
        (revert) =>
          revert !== undefined && (
            <p class="notice act" key={revert.layer}>
              <StateIcon state="act" />
              <span>
                <strong>
                  The guard took back “{wordsOf(revert.layer).title}” at{" "}
                  {new Date(revert.atMs).toLocaleTimeString("en-GB")}.
                </strong>{" "}
                {revert.reason}
              </span>
            </p>
          ),
      )}
    </>
  );
}
