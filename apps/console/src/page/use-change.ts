/** Renders anew whenever something outside says that it has changed. */
import { useEffect, useReducer } from "preact/hooks";

/** @param subscribe returns how to stop; it must stay the same function */
export function useChange(subscribe: (listener: () => void) => () => void): void {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => subscribe(() => again(undefined)), [subscribe]);
}
