/** Whether the numbers are live, how much of the past is shown, how the page looks, and the way out. */
import type { LiveState } from "../readings/live.js";
import { MoonIcon, SunIcon } from "./icons.js";
import { chooseTheme, type Theme } from "./theme.js";
import { type Range, RANGES } from "./window.js";

export interface TopBarProps {
  readonly state: LiveState;
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  readonly theme: Theme;
  readonly onSignOut: () => void;
}

export function TopBar({ state, range, onRange, theme, onSignOut }: TopBarProps) {
  const other: Theme = theme === "dark" ? "light" : "dark";
  return (
    <header class="top-bar">
      <Pulse state={state} />
      <fieldset class="ranges">
        <legend class="for-ears">How much of the past the charts show</legend>
        {RANGES.map((each) => (
          <label key={each.ms}>
            <input
              type="radio"
              name="range"
              checked={each.ms === range.ms}
              onChange={() => onRange(each)}
              aria-label={each.name}
            />
            <span aria-hidden="true">
              {each.label}
              <i> min</i>
            </span>
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        class="quiet square"
        aria-label={`Change to the ${other} look`}
        title={`Change to the ${other} look`}
        onClick={() => chooseTheme(other)}
      >
        {theme === "dark" ? <SunIcon /> : <MoonIcon />}
      </button>
      <button type="button" class="quiet" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  );
}

function Pulse({ state: { failure, answeredAtMs, numbers } }: { readonly state: LiveState }) {
  if (answeredAtMs === null) return <p class="pulse">Connecting…</p>;
  const at = new Date(answeredAtMs).toLocaleTimeString("en-GB");
  if (failure !== null) return <p class="pulse lost">No numbers since {at}</p>;
  return (
    <p class="pulse live" key={numbers?.uptimeMs}>
      Live <span class="at">{at}</span>
    </p>
  );
}
