/** Stores a value that has no version, under the next one, and tells everybody; too late, it is a drop. */
import { ANNOUNCE, DROP_VALUES, type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: namespace; what it must be newer than (incarnation, version); time to live; life of the floor; is
 * absent; bytes; an instant of the server after which it is a drop of all, 0 if none is known; channel; what to tell after the stamp.
 *
 * Answers `{incarnation, version}`, or an empty list if it was a drop.
 */
export const PUT_NEXT: Script = {
  name: "mainspringPutNext",
  lua: `${SUBJECT}${ANNOUNCE}${DROP_VALUES}
if now > tonumber(ARGV[8]) then
  dropValues()
  announce(ARGV[9], '-', ARGV[10])
  return {}
end
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
announce(ARGV[9], stampText(incarnation, version), ARGV[10])
return {incarnation, version}
`,
};
