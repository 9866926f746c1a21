/** How something is: a shape, a word and a colour, in this order of weight. */
import type { State } from "../readings/verdict.js";
import { StateIcon } from "./icons.js";

export const STATE_WORDS: Readonly<Record<State, string>> = {
  fine: "Fine",
  watch: "Watch",
  act: "Act",
  none: "",
};

export function StateBadge({ state }: { readonly state: State }) {
  if (state === "none") return null;
  return (
    <span class={`badge ${state}`}>
      <StateIcon state={state} />
      {STATE_WORDS[state]}
    </span>
  );
}
