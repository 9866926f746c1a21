/** The page of an operator who is signed in: navigation, what the server says, and the section that is looked at. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ConsoleApi } from "../api/console-api.js";
import { SECTIONS } from "../panels/sections.js";
import type { Live, LiveState } from "../readings/live.js";
import { SwitchesSection } from "../switches/switches-section.js";
import { RoutesTable } from "./routes-table.js";
import { Navigation } from "./navigation.js";
import { findingsOf, headlineOf, Overview } from "./overview.js";
import type { Moment } from "./panel-view.js";
import { onPlace, type Place, placeOf } from "./place.js";
import { SectionView } from "./section-view.js";
import { StatusBar } from "./status-bar.js";
import { currentTheme, onTheme } from "./theme.js";
import { TopBar } from "./top-bar.js";
import { useChange } from "./use-change.js";
import { DEFAULT_RANGE } from "./window.js";

export interface ConsoleProps {
  readonly api: ConsoleApi;
  readonly live: Live;
  /** The token isn't accepted any more. */
  readonly onRefused: (why: string) => void;
  readonly onSignOut: () => void;
}

export function Console({ api, live, onRefused, onSignOut }: ConsoleProps) {
  const [range, setRange] = useState(DEFAULT_RANGE);
  useChange(live.subscribe);
  useChange(onTheme);
  useChange(onPlace);
  // Told once, to whoever rendered this first: what it does then is the same at any time.
  useEffect(() => live.start(api, onRefused), [live, api]);
  const state = live.state();
  const place = placeOf(window.location.hash);
  const main = useRef<HTMLElement>(null);
  useFocusOnPlace(main, place, state.numbers !== null);
  const theme = currentTheme();
  const moment = useMemo(() => momentOf(state, range, theme), [state, range, theme]);
  const findings = useMemo(() => (moment === null ? [] : findingsOf(moment)), [moment]);
  const headline = moment === null ? "" : headlineOf(findings);
  useEffect(() => {
    document.title = headline === "" ? "Mainspring console" : `${headline} · Mainspring console`;
  }, [headline]);
  const skip = useCallback(() => main.current?.focus(), []);
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <Navigation place={place} findings={findings} />
      <div class="body">
        <TopBar state={state} range={range} onRange={setRange} theme={theme} onSignOut={onSignOut} />
        <StatusBar state={state} />
        <p class="for-ears" role="status">
          {headline}
        </p>
        <main id="main" ref={main} tabIndex={-1}>
          <Section place={place} moment={moment} findings={findings} api={api} />
        </main>
      </div>
    </div>
  );
}

function momentOf(
  { numbers, history, answeredAtMs, failure }: LiveState,
  range: Moment["range"],
  theme: string,
): Moment | null {
  if (numbers === null || answeredAtMs === null) return null;
  // While the server doesn't answer, the charts go on: the gap is what there is to see.
  const nowMs = Math.max(answeredAtMs, history.lastAtMs() ?? 0);
  return { numbers, history, nowMs, range, theme, failure };
}

interface SectionProps {
  readonly place: Place;
  readonly moment: Moment | null;
  readonly findings: ReturnType<typeof findingsOf>;
  readonly api: ConsoleApi;
}

function Section({ place, moment, findings, api }: SectionProps): ComponentChildren {
  if (place.section === "switches") return <SwitchesSection api={api} />;
  if (moment === null) return <p class="waiting">Waiting for the first numbers…</p>;
  const section = SECTIONS.find(({ id }) => id === place.section);
  if (section === undefined) return <Overview moment={moment} findings={findings} />;
  return (
    <SectionView section={section} moment={moment}>
      {section.id === "requests" && <RoutesTable numbers={moment.numbers} />}
    </SectionView>
  );
}

/** Who goes to another place is taken there, with the keyboard's focus, but not when the page is opened. */
function useFocusOnPlace(
  main: { readonly current: HTMLElement | null },
  { section, panel }: Place,
  isThere: boolean,
): void {
  const opened = useRef(`${section}/${panel ?? ""}`);
  useEffect(() => {
    const here = `${section}/${panel ?? ""}`;
    if (!isThere || opened.current === here) return;
    opened.current = here;
    const target =
      panel === null
        ? main.current?.querySelector("h1")
        : main.current?.querySelector(`#panel-${CSS.escape(panel)}`);
    if (!(target instanceof HTMLElement)) return;
    target.focus({ preventScroll: true });
    if (panel === null) window.scrollTo({ top: 0 });
    else target.scrollIntoView({ block: "center" });
  }, [section, panel, isThere, main]);
}
