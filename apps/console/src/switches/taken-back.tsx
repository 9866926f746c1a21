/** What the guard took back and nobody has switched since: with its reason, where nobody can miss it. */
import type { Change } from "../api/flags.js";
import { StateIcon } from "../page/icons.js";
import { wordsOf } from "./layers.js";

export interface TakenBackProps {
  /** The newest first. */
  readonly history: readonly Change[];
}

export function TakenBack({ history }: TakenBackProps) {
  return (
    <>
      {takenBack(history).map(({ layer, atMs, reason }) => (
        <p class="notice act" key={layer}>
          <StateIcon state="act" />
          <span>
            <strong>
              The guard took back “{wordsOf(layer).title}” at {new Date(atMs).toLocaleTimeString("en-GB")}.
            </strong>{" "}
            {reason}
          </span>
        </p>
      ))}
    </>
  );
}

/** Of each layer the last change, if it is the guard's. */
export function takenBack(history: readonly Change[]): readonly Change[] {
  const layers = [...new Set(history.map(({ layer }) => layer))];
  return layers
    .map((name) => history.find(({ layer }) => layer === name))
    .filter((change) => change !== undefined && change.by === "guard")
    .filter((change) => change !== undefined);
}
