/** Says in a sentence when numbers don't come, or can't be trusted to join. */
import type { LiveState } from "../readings/live.js";
import { StateIcon } from "./icons.js";

export function StatusBar({ state }: { readonly state: LiveState }) {
  const told = tellingOf(state);
  return (
    <div class="status" role="alert">
      {told !== null && (
        <p class={told.state}>
          <StateIcon state={told.state} />
          <span>{told.text}</span>
        </p>
      )}
    </div>
  );
}

interface Telling {
  readonly state: "act" | "watch";
  readonly text: string;
}

/** That answers didn't join is told for so long. */
const TOLD_MS = 60_000;

function tellingOf({ failure, brokenOff, answeredAtMs }: LiveState): Telling | null {
  if (failure !== null) return { state: "act", text: `${failure.message} ${ADVICE[failure.kind]}` };
  if (brokenOff === null || answeredAtMs === null || answeredAtMs - brokenOff.atMs > TOLD_MS) return null;
  return { state: "watch", text: BREAKS[brokenOff.why] };
}

const BREAKS: Readonly<Record<NonNullable<LiveState["brokenOff"]>["why"], string>> = {
  restarted: "The server was started anew: its counters began at 0.",
  another:
    "The answers come from more than one process, so rates can't be told. Open the page on one server, past the load balancer.",
};

const ADVICE: Readonly<Record<NonNullable<LiveState["failure"]>["kind"], string>> = {
  gone: "Is it down, restarting, or cut off from you? It is asked again every 2 seconds; the charts show the gap.",
  token: "Sign in again.",
  missing: "This page and the server are of different releases.",
  problem: "It is asked again every 2 seconds.",
};
