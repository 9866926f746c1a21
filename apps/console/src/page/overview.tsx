/** The first look: is all well, and if not, where. */
import { OVERVIEW_PANELS, SECTIONS } from "../panels/sections.js";
import { duration, shown, type Unit } from "../readings/units.js";
import { act, type State, type Verdict } from "../readings/verdict.js";
import { wordsOf } from "../switches/layers.js";
import { takenBack } from "../switches/taken-back.js";
import { StateIcon } from "./icons.js";
import { judge, type Moment, PanelView } from "./panel-view.js";
import { addressOf } from "./place.js";
import { PageTitle } from "./section-view.js";
import { StateBadge } from "./state-badge.js";

export interface Finding {
  readonly section: string;
  /** Where in the section. */
  readonly panel?: string;
  readonly title: string;
  readonly verdict: Verdict;
}

/** What isn't fine, the worst first. */
export function findingsOf(moment: Moment): readonly Finding[] {
  if (moment.failure !== null) {
    return [{ section: "", title: "No numbers", verdict: act(moment.failure.message) }];
  }
  const panels = SECTIONS.flatMap((section) =>
    section.panels.map(
      (panel): Finding => ({
        section: section.id,
        panel: panel.id,
        title: panel.title,
        verdict: judge(panel, moment),
      }),
    ),
  );
  const switches = takenBack(moment.numbers.flagStats?.history ?? []).map((change): Finding => {
    const because = `The guard took back “${wordsOf(change.layer).title}”. ${change.reason ?? ""}`;
    return { section: "switches", title: "Switches", verdict: act(because) };
  });
  const all = [...switches, ...panels];
  return (["act", "watch"] as const).flatMap((state) => all.filter(({ verdict }) => verdict.state === state));
}

export function Overview({
  moment,
  findings,
}: {
  readonly moment: Moment;
  readonly findings: readonly Finding[];
}) {
  return (
    <>
      <PageTitle title="Overview" about="Is all well, and if not, where to look." />
      <Headline findings={findings} />
      <KeyFigures moment={moment} />
      <div class="panels">
        {OVERVIEW_PANELS.map((panel) => (
          <PanelView key={panel.id} panel={panel} moment={moment} />
        ))}
      </div>
    </>
  );
}

function Headline({ findings }: { readonly findings: readonly Finding[] }) {
  const state: State = findings[0]?.verdict.state ?? "fine";
  return (
    <section class={`headline ${state}`} aria-labelledby="headline">
      <StateIcon state={state} />
      <div>
        <h2 id="headline">{headlineOf(findings)}</h2>
        {findings.length === 0 ? (
          <p>No number is past its threshold.</p>
        ) : (
          <ul>
            {findings.map(({ section, panel, title, verdict }) => (
              <li key={`${section} ${panel ?? verdict.because}`}>
                <StateBadge state={verdict.state} />
                <a href={addressOf(section, panel)}>{title}</a>
                <span>{verdict.because}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

/** "1 thing to act on, 2 to watch". */
export function headlineOf(findings: readonly Finding[]): string {
  const count = (state: State): number => findings.filter(({ verdict }) => verdict.state === state).length;
  const [acts, watches] = [count("act"), count("watch")];
  if (acts === 0 && watches === 0) return "All is fine";
  const things = (number: number): string => (number === 1 ? "1 thing" : `${number} things`);
  if (acts === 0) return `${things(watches)} to watch`;
  return watches === 0 ? `${things(acts)} to act on` : `${things(acts)} to act on, ${watches} to watch`;
}

interface KeyFigure {
  readonly name: string;
  readonly value: string;
}

function KeyFigures({ moment: { history, numbers } }: { readonly moment: Moment }) {
  const of = (name: string, id: string, unit: Unit): KeyFigure => ({
    name,
    value: shown(history.latest(id), unit),
  });
  const figures: readonly KeyFigure[] = [
    of("Reads", "reads", "per-second"),
    of("Commands", "commands", "per-second"),
    of("Players with a running queue", "active-queues", "count"),
    of("Failures of ours", "fault-share", "share"),
    of("Event-loop delay, p99", "loop-p99", "ms"),
    of("Resident memory", "rss", "bytes"),
    { name: "Up for", value: duration(numbers.uptimeMs) },
  ];
  return (
    <dl class="key-figures">
      {figures.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
