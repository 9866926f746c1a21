/** Light or dark: as the system says, until the operator chooses. */

export type Theme = "light" | "dark";

const KEPT_AS = "mainspring-console-theme";

const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

function keptTheme(): Theme | null {
  const kept = localStorage.getItem(KEPT_AS);
  return kept === "light" || kept === "dark" ? kept : null;
}

export function currentTheme(): Theme {
  return keptTheme() ?? (darkSystem.matches ? "dark" : "light");
}

export function applyKeptTheme(): void {
  const kept = keptTheme();
  if (kept !== null) document.documentElement.dataset["theme"] = kept;
}

const listeners = new Set<() => void>();

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEPT_AS, theme);
  applyKeptTheme();
  for (const listener of listeners) listener();
}

/** Told when it becomes light or dark. Returns how to stop. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  darkSystem.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    darkSystem.removeEventListener("change", listener);
  };
}
