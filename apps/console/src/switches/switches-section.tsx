/** The switches: what is on for whom, how it fares, who changed it, and the way to change it. */
import { useRef, useState } from "preact/hooks";
import type { ConsoleApi } from "../api/console-api.js";
import { PageTitle } from "../page/section-view.js";
import { StateIcon } from "../page/icons.js";
import { HistoryTable } from "./history-table.js";
import { LayerCard } from "./layer-card.js";
import { SwitchDialog } from "./switch-dialog.js";
import { TakenBack } from "./taken-back.js";
import { useFlags } from "./use-flags.js";

const ABOUT =
  "Each layer can be switched while the server runs: for everybody, for a share of the players, or for single ones. Without any of them the plain path runs.";

/** A dialog that was opened. The browser tells of its end a little later, when the next one may be open. */
interface Opened {
  readonly name: string;
  readonly nth: number;
}

export function SwitchesSection({ api }: { readonly api: ConsoleApi }) {
  const { flags, failure, take } = useFlags(api);
  const [opened, setOpened] = useState<Opened | null>(null);
  const openedCount = useRef(0);
  const open = (name: string): void => {
    openedCount.current += 1;
    setOpened({ name, nth: openedCount.current });
  };
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
          <TakenBack history={flags.history} />
          <div class="layers">
            {Object.entries(flags.layers).map(([name, layer]) => (
              <LayerCard key={name} name={name} layer={layer} onChange={() => open(name)} />
            ))}
          </div>
          <HistoryTable history={flags.history} layers={flags.layers} />
          {opened !== null && (
            <SwitchDialog
              key={opened.nth}
              api={api}
              name={opened.name}
              flags={flags}
              onAnswer={take}
              onDone={(what) => {
                setTold(what);
                setOpened((now) => (now?.nth === opened.nth ? null : now));
              }}
            />
          )}
        </>
      )}
    </>
  );
}
