/** Which row of the table is whose. A bounded number of players: who came least recently makes room. */
import assert from "node:assert/strict";

export interface PlayerRows {
  find(playerId: string): number | null;
  /** The row of a player who comes: theirs, or a new one, which may have been somebody else's. */
  touch(playerId: string): { readonly row: number; readonly isNew: boolean };
  playerIn(row: number): string;
  size(): number;
}

export function createPlayerRows(maxPlayers: number): PlayerRows {
  // In the order in which they came.
  const rows = new Map<string, number>();
  const playerIds: string[] = [];
  const freeRow = (): number => {
    if (rows.size < maxPlayers) return rows.size;
    const [first] = rows;
    assert(first !== undefined, "where there is no room, there is somebody");
    const [playerId, row] = first;
    rows.delete(playerId);
    return row;
  };
  return {
    find: (playerId) => rows.get(playerId) ?? null,
    touch(playerId) {
      const known = rows.get(playerId);
      rows.delete(playerId);
      const row = known ?? freeRow();
      rows.set(playerId, row);
      playerIds[row] = playerId;
      return { row, isNew: known === undefined };
    },
    playerIn(row) {
      const playerId = playerIds[row];
      assert(playerId !== undefined, "a row in use is somebody's");
      return playerId;
    },
    size: () => rows.size,
  };
}
