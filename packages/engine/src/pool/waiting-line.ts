/** Those who wait for a connection, in the order in which they came. Leaving it from the middle costs no search. */
export interface WaitingLine<T> {
  size(): number;
  /** The most that ever waited. */
  most(): number;
  push(one: T): void;
  /** Puts somebody in front who had been at their turn already. */
  putBack(one: T): void;
  next(): T | undefined;
  remove(one: T): void;
  all(): readonly T[];
}

export function createWaitingLine<T>(): WaitingLine<T> {
  const front = new Set<T>();
  const line = new Set<T>();
  let most = 0;
  function noteSize(): void {
    most = Math.max(most, front.size + line.size);
  }
  return {
    size: () => front.size + line.size,
    most: () => most,
    push(one) {
      line.add(one);
      noteSize();
    },
    putBack(one) {
      front.add(one);
      noteSize();
    },
    next() {
      const from = front.size > 0 ? front : line;
      for (const one of from) {
        from.delete(one);
        return one;
      }
      return undefined;
    },
    remove(one) {
      front.delete(one);
      line.delete(one);
    },
    all: () => [...front, ...line],
  };
}
