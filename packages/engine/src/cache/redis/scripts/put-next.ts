/** Stores a value that has no version, under the next one, and tells everybody. */
import { ANNOUNCE, type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: namespace; what it must be newer than (incarnation, version); time to live; life of the floor; is
 * absent; bytes; channel; what to tell after the stamp.
 *
 * Answers `{incarnation, version}`.
 */
export const PUT_NEXT: Script = {
  name: "mainspringPutNext",
  lua: `${SUBJECT}${ANNOUNCE}
local incarnation, version, turn = unpackState(redis.call('HGET', key, 'f'))
local thanIncarnation, thanVersion = tonumber(ARGV[2]), tonumber(ARGV[3])
if isOlder(incarnation, version, thanIncarnation, thanVersion) then
  incarnation, version = thanIncarnation, thanVersion
end
-- By the clock, so that a server that has forgotten everything still gives newer ones.
if now > incarnation then
  incarnation, version = now, 1
else
  version = version + 1
end
store('v:' .. ARGV[1], incarnation, version, turn + 1, now, tonumber(ARGV[4]), tonumber(ARGV[5]),
  tonumber(ARGV[6]), ARGV[7])
announce(ARGV[8], stampText(incarnation, version), ARGV[9])
return {incarnation, version}
`,
};
