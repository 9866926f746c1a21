/** A binary heap whose members know their place in it, so that one that moves up is found without a search. */

export interface HeapMember {
  /** Its place; -1 outside of the heap. Written by the heap alone. */
  heapIndex: number;
}

export interface LaneHeap<T extends HeapMember> {
  first(): T | undefined;
  push(member: T): void;
  /** Takes the first one out. */
  shift(): T | undefined;
  /** Puts a member in order again that comes before others now. */
  raise(member: T): void;
}

export function createLaneHeap<T extends HeapMember>(isBefore: (one: T, other: T) => boolean): LaneHeap<T> {
  const members: T[] = [];
  const place = (member: T, index: number): void => {
    members[index] = member;
    member.heapIndex = index;
  };
  const raise = (member: T): void => {
    let index = member.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = members[parentIndex];
      if (parent === undefined || !isBefore(member, parent)) break;
      place(parent, index);
      index = parentIndex;
    }
    place(member, index);
  };
  const sink = (member: T): void => {
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = members[leftIndex];
      const right = members[leftIndex + 1];
      if (left === undefined) break;
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, member)) break;
      const childIndex = child.heapIndex;
      place(child, index);
      index = childIndex;
    }
    place(member, index);
  };
  return {
    first: () => members[0],
    push(member) {
      member.heapIndex = members.length;
      members.push(member);
      raise(member);
    },
    shift() {
      const first = members[0];
      const last = members.pop();
      if (first === undefined || last === undefined) return undefined;
      if (last !== first) sink(last);
      first.heapIndex = -1;
      return first;
    },
    raise,
  };
}
