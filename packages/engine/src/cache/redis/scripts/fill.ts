/** Stores what was loaded, if the lease still holds. */
import { type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: namespace; token of the lease; stamp (incarnation, version); an instant of the server at which it was current, or -1 if
 * it was loaded after the lease was given; time to live; life of the floor; is absent; bytes.
 *
 * Answers 1, or 0 if it was refused.
 */
export const FILL: Script = {
  name: "mainspringFill",
  lua: `${SUBJECT}
local lease = redis.call('HGET', key, 'l:' .. ARGV[1])
if not lease or string.sub(lease, LEASE_HEADER + 1) ~= ARGV[2] then return 0 end
redis.call('HDEL', key, 'l:' .. ARGV[1])
local givenAt, untilMs, leaseTurn = struct.unpack(LEASE, lease)
local floorIncarnation, floorVersion, turn = unpackState(redis.call('HGET', key, 'f'))
if leaseTurn ~= turn or now >= untilMs then return 0 end
local incarnation, version = tonumber(ARGV[3]), tonumber(ARGV[4])
if isOlder(incarnation, version, floorIncarnation, floorVersion) then return 0 end
-- What was loaded after the lease was given was current then, if not later.
local currentAt = tonumber(ARGV[5])
if currentAt < 0 or currentAt > givenAt then currentAt = givenAt end
store('v:' .. ARGV[1], incarnation, version, turn, currentAt, tonumber(ARGV[6]), tonumber(ARGV[7]),
  tonumber(ARGV[8]), ARGV[9])
return 1
`,
};
