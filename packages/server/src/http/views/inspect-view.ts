/** All that support may see of a player: everything but the seed. Field by field, so that nothing slips through. */
import type { PlayerView } from "@mainspring/engine";
import type { InspectBody } from "../schemas/admin.js";
import { totalsOf } from "./event-view.js";
import { playerBody } from "./player-view.js";
import { queueBody } from "./queue-view.js";

export function inspectBody(view: PlayerView): InspectBody {
  const { state, incarnation } = view;
  const [lane] = state.lanes;
  return {
    player: playerBody(view),
    queue: queueBody(view),
    incarnation,
    catalogAtMs: state.catalogAtMs,
    clockOffsetMs: state.clockOffsetMs,
    settledAtMs: state.settledAtMs,
    eventCount: state.eventCount,
    nextTask: state.nextTask,
    tasks: lane.tasks.map((task) => ({
      taskId: task.number,
      startedAtMs: task.startedAtMs,
      ...totalsOf(task),
    })),
    cycle: lane.cycle,
  };
}
