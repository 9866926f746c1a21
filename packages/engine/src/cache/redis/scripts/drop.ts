/** Takes away values that may be out of date, and the leases, and tells everybody. */
import { ANNOUNCE, type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: up to which stamp (incarnation, version), or two empty strings for all; what the floor is at least
 * from now on (incarnation, version), or two empty strings; life of the floor; channel; what to tell after the stamp. The turn ends.
 */
export const DROP: Script = {
  name: "mainspringDrop",
  lua: `${SUBJECT}${ANNOUNCE}
local toIncarnation, toVersion = tonumber(ARGV[1]), tonumber(ARGV[2])
local floorIncarnation, floorVersion = tonumber(ARGV[3]), tonumber(ARGV[4])
local fields = redis.call('HKEYS', key)
for _, field in ipairs(fields) do
  if string.sub(field, 1, 2) == 'v:' then
    local incarnation, version = struct.unpack(VALUE, redis.call('HGET', key, field))
    if not toIncarnation or not isOlder(toIncarnation, toVersion, incarnation, version) then
      redis.call('HDEL', key, field)
    end
  end
end
if #fields > 0 or floorIncarnation then
  local incarnation, version, turn = unpackState(redis.call('HGET', key, 'f'))
  if floorIncarnation and isOlder(incarnation, version, floorIncarnation, floorVersion) then
    incarnation, version = floorIncarnation, floorVersion
  end
  redis.call('HSET', key, 'f', struct.pack(STATE, incarnation, version, turn + 1))
  if floorIncarnation then keepFor(tonumber(ARGV[5])) end
end
announce(ARGV[6], '-', ARGV[7])
return 1
`,
};
