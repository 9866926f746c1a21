/** A section of panels. */
import type { ComponentChildren } from "preact";
import type { Section } from "../readings/panel.js";
import { type Moment, PanelView } from "./panel-view.js";

export function SectionView({
  section,
  moment,
  children,
}: {
  readonly section: Section;
  readonly moment: Moment;
  readonly children?: ComponentChildren;
}) {
  return (
    <>
      <PageTitle title={section.title} about={section.about} />
      <div class="panels">
        {section.panels.map((panel) => (
          <PanelView key={panel.id} panel={panel} moment={moment} />
        ))}
      </div>
      {children}
    </>
  );
}

export function PageTitle({ title, about }: { readonly title: string; readonly about: string }) {
  return (
    <div class="page-title">
      <h1 tabIndex={-1}>{title}</h1>
      <p>{about}</p>
    </div>
  );
}
