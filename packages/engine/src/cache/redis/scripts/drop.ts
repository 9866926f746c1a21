/** Takes away values that may be out of date, and the leases, and tells everybody. */
import { ANNOUNCE, type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: up to which stamp (incarnation, version), or two empty strings for all; channel; what to tell after
 * the stamp. The floor stays, and the turn ends.
 */
export const DROP: Script = {
  name: "mainspringDrop",
  lua: `${SUBJECT}${ANNOUNCE}
local toIncarnation, toVersion = tonumber(ARGV[1]), tonumber(ARGV[2])
local fields = redis.call('HKEYS', key)
for _, field in ipairs(fields) do
  if string.sub(field, 1, 2) == 'v:' then
    local incarnation, version = struct.unpack(VALUE, redis.call('HGET', key, field))
    if not toIncarnation or not isOlder(toIncarnation, toVersion, incarnation, version) then
      redis.call('HDEL', key, field)
    end
  end
end
if #fields > 0 then
  local incarnation, version, turn = unpackState(redis.call('HGET', key, 'f'))
  redis.call('HSET', key, 'f', struct.pack(STATE, incarnation, version, turn + 1))
end
announce(ARGV[3], '-', ARGV[4])
return 1
`,
};
