/** Stores what was loaded, if the lease still holds. */
import { type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: namespace; token of the lease; stamp (incarnation, version); time to live; life of the floor; is
 * absent; bytes.
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
-- It was loaded after the lease was given: it was current then, if not later.
store('v:' .. ARGV[1], incarnation, version, turn, givenAt, tonumber(ARGV[5]), tonumber(ARGV[6]),
  tonumber(ARGV[7]), ARGV[8])
return 1
`,
};
