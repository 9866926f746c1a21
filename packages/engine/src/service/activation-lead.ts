/** How far ahead content changes are announced. */

/**
 * An activation lies at least so far ahead, and no instance settles further than this beyond its last look at the timeline:
 * so none can settle past a change that it hasn't seen. 60 s.
 */
export const ACTIVATION_LEAD_MS = 60_000;
