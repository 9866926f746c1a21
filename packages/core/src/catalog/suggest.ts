/** "Did you mean …?": the known word nearest to an unknown one. */

/** Words longer than this aren't compared: they aren't typing mistakes. */
const MAX_LENGTH = 64;

/** Nor is what differs by more than so many edits. It also bounds the work: a comparison is a narrow band. */
const MAX_EDITS = 4;

/** The candidate with the fewest edits, if a third of the word and four letters at most would have to change; or `null`. */
export function closest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > MAX_LENGTH) return null;
  const lower = word.toLowerCase();
  let best: string | null = null;
  let limit = Math.min(MAX_EDITS, Math.max(1, Math.floor(word.length / 3)));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(lower, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    best = candidate;
    if (distance === 0) break;
    limit = distance - 1;
  }
  return best;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), or more than `limit` if there
 * are more. Further from the diagonal than the limit it only gets worse, so only that band is looked at.
 */
function editDistance(a: string, b: string, limit: number): number {
  const tooFar = limit + 1;
  const width = b.length;
  let beforeLast = new Uint8Array(width + 1);
  let last = new Uint8Array(width + 1);
  let row = new Uint8Array(width + 1);
  for (let j = 0; j <= width; j += 1) last[j] = Math.min(j, tooFar);
  let lastLeast = 0;
  for (let i = 1; i <= a.length; i += 1) {
    const from = Math.max(1, i - limit);
    const to = Math.min(width, i + limit);
    row[from - 1] = from === 1 ? Math.min(i, tooFar) : tooFar;
    if (to < width) row[to + 1] = tooFar;
    let least = row[from - 1] ?? tooFar;
    for (let j = from; j <= to; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      let distance = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced);
      if (isSwap(a, b, i, j)) distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1);
      row[j] = distance;
      least = Math.min(least, distance);
    }
    // Every way on leads through one of the last two rows: a swap skips one.
    if (least > limit && lastLeast > limit) return tooFar;
    [beforeLast, last, row] = [last, row, beforeLast];
    lastLeast = least;
  }
  return last[width] ?? tooFar;
}

function isSwap(a: string, b: string, i: number, j: number): boolean {
  return (
    i > 1 &&
    j > 1 &&
    a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
    a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
  );
}
