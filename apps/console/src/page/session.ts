/** The token of the operator: in this tab's session at most, and gone with it. */

const KEPT_AS = "mainspring-console-token";

export function keptToken(): string | null {
  return sessionStorage.getItem(KEPT_AS);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT_AS, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEPT_AS);
}

/** What was pasted: perhaps with its line end, or as the header has it. */
export function tokenOf(pasted: string): string {
  return pasted.trim().replace(/^(?:authorization:\s*)?bearer\s+/i, "");
}

/** What can stand in a header; anything else was pasted by mistake. */
export function looksLikeToken(token: string): boolean {
  return /^[\x21-\x7e]{1,8192}$/.test(token);
}
