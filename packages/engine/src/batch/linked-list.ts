/** A list that gives and takes at both ends and in the middle, without moving anything. */

export interface ListNode<T> {
  readonly value: T;
  before: ListNode<T> | null;
  after: ListNode<T> | null;
}

export interface LinkedList<T> {
  first: ListNode<T> | null;
  last: ListNode<T> | null;
  size: number;
}

export function emptyList<T>(): LinkedList<T> {
  return { first: null, last: null, size: 0 };
}

export function append<T>(list: LinkedList<T>, value: T): ListNode<T> {
  const node: ListNode<T> = { value, before: list.last, after: null };
  if (list.last === null) list.first = node;
  else list.last.after = node;
  list.last = node;
  list.size += 1;
  return node;
}

export function prepend<T>(list: LinkedList<T>, value: T): ListNode<T> {
  const node: ListNode<T> = { value, before: null, after: list.first };
  if (list.first === null) list.last = node;
  else list.first.before = node;
  list.first = node;
  list.size += 1;
  return node;
}

/** @param node one of the list's */
export function remove<T>(list: LinkedList<T>, node: ListNode<T>): void {
  if (node.before === null) list.first = node.after;
  else node.before.after = node.after;
  if (node.after === null) list.last = node.before;
  else node.after.before = node.before;
  list.size -= 1;
}
