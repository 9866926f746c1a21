/** The sections of the page, each with its state. */
import { SECTIONS } from "../panels/sections.js";
import { worst } from "../readings/verdict.js";
import { Mark, StateIcon } from "./icons.js";
import type { Finding } from "./overview.js";
import { addressOf, type Place } from "./place.js";
import { STATE_WORDS } from "./state-badge.js";

const PLACES: readonly { readonly id: string; readonly title: string }[] = [
  { id: "", title: "Overview" },
  ...SECTIONS,
  { id: "switches", title: "Switches" },
];

export function Navigation({
  place,
  findings,
}: {
  readonly place: Place;
  readonly findings: readonly Finding[];
}) {
  return (
    <nav class="sections" aria-label="Sections">
      <div class="stays">
        <div class="brand">
          <Mark />
          <span>Mainspring</span>
        </div>
        <ul>
          {PLACES.map(({ id, title }) => {
            const { state } = worst(
              findings.filter(({ section }) => section === id).map(({ verdict }) => verdict),
            );
            return (
              <li key={id}>
                <a href={addressOf(id)} aria-current={place.section === id ? "page" : undefined}>
                  {title}
                  {state !== "none" && (
                    <span class={`mark ${state}`}>
                      <StateIcon state={state} />
                      <span class="for-ears">{STATE_WORDS[state]}</span>
                    </span>
                  )}
                </a>
              </li>
            );
          })}
        </ul>
      </div>
    </nav>
  );
}
