/** Where in the page the operator is: `#/process` or, at a panel of it, `#/process/event-loop`. */

export interface Place {
  readonly section: string;
  readonly panel: string | null;
}

export function placeOf(hash: string): Place {
  const [, section = "", panel] = hash.split("/");
  return { section, panel: panel === undefined || panel === "" ? null : panel };
}

export function addressOf(section: string, panel?: string): string {
  return panel === undefined ? `#/${section}` : `#/${section}/${panel}`;
}

export function onPlace(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}
