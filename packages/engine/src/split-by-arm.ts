/** Work on several players, where a layer is on for some of them: each part goes its own way, and the answers come back in order. */

/** Where the two parts go. */
export interface Ways<Item, Answer> {
  readonly on: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly off: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** What to throw where one part failed and the other did not. Default: what it failed with */
  readonly failureOfHalf?: (reason: unknown) => unknown;
}

/**
 * Asked about each item once. Where all are of one kind nothing is copied.
 * @throws what a part fails with, once both have ended: a reader finds what became of the other
 */
export async function splitByArm<Item, Answer>(
  items: readonly Item[],
  isOn: (item: Item) => boolean,
  { on, off, failureOfHalf = (reason) => reason }: Ways<Item, Answer>,
): Promise<readonly Answer[]> {
  const [onItems, offItems]: [Item[], Item[]] = [[], []];
  const arms = items.map((item) => {
    const arm = isOn(item) ? onItems : offItems;
    arm.push(item);
    return arm;
  });
  if (offItems.length === 0) return on(items);
  if (onItems.length === 0) return off(items);
  const [onAnswers, offAnswers] = await Promise.allSettled([on(onItems), off(offItems)]);
  if (onAnswers.status === "rejected") {
    throw offAnswers.status === "rejected" ? onAnswers.reason : failureOfHalf(onAnswers.reason);
  }
  if (offAnswers.status === "rejected") throw failureOfHalf(offAnswers.reason);
  const [onLeft, offLeft] = [onAnswers.value.values(), offAnswers.value.values()];
  return arms.map((arm) => next(arm === onItems ? onLeft : offLeft));
}

function next<Answer>(answers: Iterator<Answer>): Answer {
  const { value, done } = answers.next();
  if (done === true) throw new Error("Fewer answers than questions.");
  return value;
}
