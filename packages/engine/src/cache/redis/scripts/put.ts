/** Stores what was committed, unless something newer is known, and tells everybody. */
import { ANNOUNCE, type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: namespace; stamp (incarnation, version); an instant of the server at which it was current, or 0;
 * time to live; life of the floor; is absent; bytes; channel; what to tell after the stamp.
 *
 * Answers 1, or 0 if it was refused. A refusal is told too, with what there is: the sender's announcements have no gaps.
 */
export const PUT: Script = {
  name: "mainspringPut",
  lua: `${SUBJECT}${ANNOUNCE}
local incarnation, version = tonumber(ARGV[2]), tonumber(ARGV[3])
local currentAt = math.min(now, tonumber(ARGV[4]))
local floorIncarnation, floorVersion, turn = unpackState(redis.call('HGET', key, 'f'))
if isOlder(incarnation, version, floorIncarnation, floorVersion) then
  announce(ARGV[9], stampText(floorIncarnation, floorVersion), ARGV[10])
  return 0
end
store('v:' .. ARGV[1], incarnation, version, turn + 1, currentAt, tonumber(ARGV[5]), tonumber(ARGV[6]),
  tonumber(ARGV[7]), ARGV[8])
announce(ARGV[9], stampText(incarnation, version), ARGV[10])
return 1
`,
};
