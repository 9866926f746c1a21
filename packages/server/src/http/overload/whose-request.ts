/** Whose a request is, by its address alone: nothing of it was looked at closer yet. */

const PREFIX = "/v1/players/";

/** The player whom the path names; `null`: no player in particular, or none that can be read. */
export function whoseRequest(url: string): string | null {
  if (!url.startsWith(PREFIX)) return null;
  let end = PREFIX.length;
  while (end < url.length && url[end] !== "/" && url[end] !== "?") end += 1;
  const id = url.slice(PREFIX.length, end);
  if (id === "") return null;
  if (!id.includes("%")) return id;
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}
