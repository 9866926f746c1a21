/** Takes away values that may be out of date, and the leases, and tells everybody. */
import { ANNOUNCE, DROP_VALUES, type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: up to which stamp (incarnation, version), or two empty strings for all; what the floor is at least
 * from now on (incarnation, version), or two empty strings; life of the floor; channel; what to tell after the stamp, which is the floor's. The turn ends.
 */
export const DROP: Script = {
  name: "mainspringDrop",
  lua: `${SUBJECT}${ANNOUNCE}${DROP_VALUES}
dropValues(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]))
announce(ARGV[6], ARGV[3] == '' and '-' or stampText(tonumber(ARGV[3]), tonumber(ARGV[4])), ARGV[7])
return 1
`,
};
