/** What each layer is, in words for the operator. */

export interface LayerWords {
  readonly title: string;
  readonly about: string;
  /** What it is like with it and without it. */
  readonly on: string;
  readonly off: string;
}

const WORDS: Readonly<Record<string, LayerWords>> = {
  cache: {
    title: "Cache",
    about: "Keeps players' records at hand, in this process and in Redis.",
    on: "Reads are answered from the cache, and are as new as it promises.",
    off: "Each read asks the store.",
  },
  batching: {
    title: "Batching",
    about: "Lets operations of many players travel to the store together.",
    on: "Operations wait a moment for others, and share a transaction or a request.",
    off: "Each operation goes to the store by itself.",
  },
  pool: {
    title: "Connection pool",
    about: "Keeps connections to the database open, and shares them out.",
    on: "Requests to the database share the pool's connections.",
    off: "Requests to the database go through the connections of the AWS SDK.",
  },
  prediction: {
    title: "Prediction",
    about: "Fetches into the cache what players are likely to ask for next.",
    on: "Records are fetched ahead, at the cost of some reads in vain; the cache must be on for these players, too.",
    off: "Nothing is fetched before it is asked for.",
  },
  memoryGovernor: {
    title: "Memory governor",
    about: "Makes caches give way, and refuses what is low, while memory is short.",
    on: "When memory is short, caches give way first.",
    off: "Local caches keep to their own bounds alone, however short memory is.",
  },
  overloadLimit: {
    title: "Overload limit",
    about: "Refuses at once what can't be answered in time, the least urgent first.",
    on: "Requests beyond the limit are refused and told when to come back.",
    off: "Every request is let in, however long it then takes.",
  },
  checkpoint: {
    title: "Interval checkpoints",
    about: "Saves the outcomes of finished cycles now and then, instead of before they are shown.",
    on: "Outcomes are saved at intervals: fewer writes, and a crash recomputes them.",
    off: "Outcomes are saved before they are shown.",
  },
};

/** A layer of a newer release is shown by its name. */
export function wordsOf(layer: string): LayerWords {
  return WORDS[layer] ?? { title: layer, about: "", on: "It is on.", off: "It is off." };
}
