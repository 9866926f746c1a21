/** Looks for a value, and may give the right to load it. */
import { type Script, SUBJECT } from "./script.js";

/**
 * KEYS: the subject. ARGV: namespace; at least (incarnation, version); trusted since, or -1; greatest age; lease token, or
 * empty; lease duration.
 *
 * Answers `{1, incarnation, version, age, expires in, is trusted, is absent, bytes}` or `{0, floor's incarnation, version, is leased}`.
 */
export const LOOK: Script = {
  name: "mainspringLook",
  lua: `${SUBJECT}
local namespace, token, forMs = ARGV[1], ARGV[6], tonumber(ARGV[7])
local leastIncarnation, leastVersion = tonumber(ARGV[2]), tonumber(ARGV[3])
local trustedSince, maxAge = tonumber(ARGV[4]), tonumber(ARGV[5])
local raw = redis.call('HMGET', key, 'f', 'v:' .. namespace, 'l:' .. namespace)
local floorIncarnation, floorVersion, turn = unpackState(raw[1])

if raw[2] then
  local incarnation, version, currentAt, expiresAt, isAbsent = struct.unpack(VALUE, raw[2])
  if now < expiresAt and not isOlder(incarnation, version, floorIncarnation, floorVersion)
    and not isOlder(incarnation, version, leastIncarnation, leastVersion) then
    local age = now - currentAt
    local isTrusted = trustedSince >= 0 and currentAt >= trustedSince
    -- Below zero: the server's clock was set back, and nobody knows how old it is.
    if age >= 0 and (isTrusted or age <= maxAge) then
      local bytes = string.sub(raw[2], VALUE_HEADER + 1)
      return {1, incarnation, version, age, expiresAt - now, isTrusted and 1 or 0, isAbsent, bytes}
    end
  end
end

if token == '' then return {0, floorIncarnation, floorVersion, 0} end
if raw[3] then
  local _, untilMs, leaseTurn = struct.unpack(LEASE, raw[3])
  if leaseTurn == turn and now < untilMs then return {0, floorIncarnation, floorVersion, 0} end
end
redis.call('HSET', key, 'l:' .. namespace, struct.pack(LEASE, now, now + forMs, turn) .. token)
keepFor(forMs)
return {0, floorIncarnation, floorVersion, 1}
`,
};
