/** Looking at one request closely: its steps, each with when it began and ended. Most requests aren't looked at, and have no trace. */

/** What is told of a step. Never a player's id, nor anything secret. */
export type TraceFacts = Readonly<Record<string, string | number | boolean>>;

/** One step of a request, or all of it. */
export interface Trace {
  /** A step within this one begins. */
  begin(name: string, facts?: TraceFacts): Trace;
  /** It has ended, well or with an error. To be called once. */
  end(error?: unknown): void;
}

/** What is known of the request that something belongs to. */
export interface Traced {
  /** It is looked at closely. */
  readonly trace?: Trace;
  /** Names it in what is noted. */
  readonly requestId?: string;
}

interface Step {
  readonly name: string;
  readonly facts?: TraceFacts;
}

/** Does work as a step of its own, where it is looked at; else it costs a comparison. The work is told the step that it is. */
export async function inStep<T>(
  { trace, requestId }: Traced,
  { name, facts }: Step,
  work: (traced: Traced) => Promise<T>,
): Promise<T> {
  const named = requestId === undefined ? {} : { requestId };
  if (trace === undefined) return work(named);
  const step = trace.begin(name, facts);
  try {
    const done = await work({ ...named, trace: step });
    step.end();
    return done;
  } catch (error) {
    step.end(error);
    throw error;
  }
}
