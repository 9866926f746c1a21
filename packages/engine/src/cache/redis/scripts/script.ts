/**
 * What the Lua scripts have in common. Each is one operation of the port, atomic, on one key; `testing/model-operations.ts` has
 * the same decisions in TypeScript, and a test compares them.
 *
 * A subject is one hash: `f` has its floor and turn, `v:<namespace>` a value, `l:<namespace>` a lease. Numbers are packed as
 * doubles, exact below 2^53, so that no number is ever turned into text and back.
 */
export interface Script {
  /** The command's name in the client. */
  readonly name: string;
  readonly lua: string;
}

/** The server's time: one instant for the whole script. */
export const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** Reading and writing of subjects. */
export const SUBJECT = `${CLOCK}
local key = KEYS[1]
local STATE = '>ddd'        -- floor (incarnation, version), turn
local VALUE = '>ddddB'      -- stamp (incarnation, version), current at, expires at, is absent; then the bytes
local VALUE_HEADER = 33
local LEASE = '>ddd'        -- given at, until, turn; then the token
local LEASE_HEADER = 24

local function isOlder(incarnation, version, otherIncarnation, otherVersion)
  if incarnation ~= otherIncarnation then return incarnation < otherIncarnation end
  return version < otherVersion
end

local function unpackState(raw)
  if not raw then return 0, 0, 0 end
  return struct.unpack(STATE, raw)
end

local function keepFor(forMs)
  if redis.call('PTTL', key) < forMs then redis.call('PEXPIRE', key, string.format('%.0f', forMs)) end
end

-- Makes the value's stamp the floor. The same content, told late, was known to be current since.
local function store(field, incarnation, version, turn, currentAt, ttl, floorLife, isAbsent, bytes)
  local before = redis.call('HGET', key, field)
  if before then
    local i, v, current = struct.unpack(VALUE, before)
    if i == incarnation and v == version then currentAt = math.max(currentAt, current) end
  end
  local header = struct.pack(VALUE, incarnation, version, currentAt, now + ttl, isAbsent)
  redis.call('HSET', key, field, header .. bytes, 'f', struct.pack(STATE, incarnation, version, turn))
  keepFor(math.max(ttl, floorLife))
end
`;

/** Telling everybody. `tail` is what the sender wrote; the stamp is the server's word. */
export const ANNOUNCE = `
local function announce(channel, stamp, tail)
  redis.call('PUBLISH', channel, stamp .. '\\n' .. tail)
end

local function stampText(incarnation, version)
  return string.format('%.0f:%.0f', incarnation, version)
end
`;

/** Taking values away, up to a stamp or all; the floor may rise. Ends the turn. */
export const DROP_VALUES = `
local function dropValues(toIncarnation, toVersion, floorIncarnation, floorVersion, floorLife)
  local fields = redis.call('HKEYS', key)
  for _, field in ipairs(fields) do
    if string.sub(field, 1, 2) == 'v:' then
      local incarnation, version = struct.unpack(VALUE, redis.call('HGET', key, field))
      if not toIncarnation or not isOlder(toIncarnation, toVersion, incarnation, version) then
        redis.call('HDEL', key, field)
      end
    end
  end
  if #fields == 0 and not floorIncarnation then return end
  local incarnation, version, turn = unpackState(redis.call('HGET', key, 'f'))
  if floorIncarnation and isOlder(incarnation, version, floorIncarnation, floorVersion) then
    incarnation, version = floorIncarnation, floorVersion
  end
  redis.call('HSET', key, 'f', struct.pack(STATE, incarnation, version, turn + 1))
  if floorIncarnation then keepFor(floorLife) end
end
`;
