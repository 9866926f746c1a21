/** Says that an instance lives, and since when all of them have been heard of. And says that one has left. */
import { CLOCK, type Script } from "./script.js";

/**
 * KEYS: the group, a hash: `t` has the instant since when there is trust, the time of the last beat, since when this list of
 * members is kept, and 1 if it is complete; `s` the topology at the last beat; `h` the run id of the server itself;
 * `m:<member>` a member's last beat and its last announcement; `l:<member>` the same of one that left. ARGV: member; its last announcement; number of the beat; silent
 * after; forgotten after; topology; channel for the echo; 1 if something that was to be told is lost, else 0;
 * life of the group; an instant that the clock had reached for sure when the beat was sent, 0 if none is known; the run id of the server that
 * answered the caller's last beat, or nothing.
 *
 * Answers `{now, trusted since, is whole, is complete, run id, member, its last announcement, ...}`.
 */
export const BEAT: Script = {
  name: "mainspringBeat",
  lua: `${CLOCK}
local key, me = KEYS[1], ARGV[1]
local sequence, beat = tonumber(ARGV[2]), tonumber(ARGV[3])
local silentAfter, forgetAfter, topology = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
-- A beat that was long on its way says nothing of the time since.
local sentAt = tonumber(ARGV[10])
if sentAt == 0 or sentAt > now then sentAt = now end
local isEmpty, isKnown, isBroken = true, false, false
local runId = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local answer = {now, 0, 0, 0, runId}

local trustedSince, lastNow, bornAt, complete = 0, now, now, 0
local kept = redis.call('HMGET', key, 't', 's', 'h')
if kept[1] then trustedSince, lastNow, bornAt, complete = struct.unpack('>dddd', kept[1]) end
-- The clock was set back, or nobody beat for a while, or other servers keep the values.
local gap = now - lastNow
if gap < 0 or gap > silentAfter or kept[2] ~= topology then isBroken = true end
-- Such a while counts no longer than that: the clock may have been set ahead, and whoever is cut off would be forgotten too soon.
local idle = math.max(0, gap - silentAfter)
-- Another server, or one that others stood in for, or a copy of some time ago: it knows nothing of who came since.
local isElsewhere = ARGV[11] ~= '' and ARGV[11] ~= runId
if kept[3] ~= runId or isElsewhere then bornAt, complete = now, 0 end
bornAt = math.min(now, bornAt + idle)
-- Until now somebody may have lived who isn't on the list.
if complete == 0 then isBroken = true end
if now - bornAt > forgetAfter then complete = 1 end

local fields = redis.call('HGETALL', key)
for i = 1, #fields, 2 do
  local name, raw = fields[i], fields[i + 1]
  if string.sub(name, 1, 2) == 'l:' then
    -- Told until whoever lives has beaten since, or is silent.
    local member = string.sub(name, 3)
    local at, told = struct.unpack('>dd', raw)
    if member == me or now - at > silentAfter then
      redis.call('HDEL', key, name)
    else
      answer[#answer + 1] = member
      answer[#answer + 1] = told
    end
  elseif string.sub(name, 1, 2) == 'm:' then
    local member = string.sub(name, 3)
    local was, told = struct.unpack('>dd', raw)
    isEmpty = false
    -- The clock was set back: from here on it counts again.
    local at = math.min(now, was + idle)
    if at ~= was then redis.call('HSET', key, name, struct.pack('>dd', at, told)) end
    if member == me then isKnown, sentAt = true, math.min(now, math.max(sentAt, at)) end
    if now - at > silentAfter then isBroken = true end
    if now - at > forgetAfter then
      redis.call('HDEL', key, name)
    elseif member ~= me then
      answer[#answer + 1] = member
      answer[#answer + 1] = told
    end
  end
end
if ARGV[8] == '1' or isEmpty then isBroken = true end
-- It was a member, and the server has forgotten it: who knows what it did meanwhile.
if not isKnown and beat > 1 then isBroken = true end
local since = trustedSince
if isBroken then since = now end
-- Trust that lies ahead, since the clock was set back, begins anew all the same: whoever has another answer sees it.
if isBroken and trustedSince > now then since = trustedSince + 1 end
-- The clock was set back: what bears a later instant is as old as anything.
if now < lastNow then since = math.max(since, lastNow + silentAfter) end
trustedSince = math.max(since, trustedSince)

redis.call('HSET', key, 't', struct.pack('>dddd', trustedSince, now, bornAt, complete), 's', topology, 'h', runId,
  'm:' .. me, struct.pack('>dd', sentAt, sequence))
redis.call('PEXPIRE', key, ARGV[9])
redis.call('PUBLISH', ARGV[7], ARGV[3])
answer[2] = trustedSince
answer[3] = isBroken and 0 or 1
answer[4] = complete
answer[#answer + 1] = me
answer[#answer + 1] = sequence
return answer
`,
};

/** KEYS: the group. ARGV: member; its last announcement. One that the group doesn't know can't leave it. */
export const LEAVE: Script = {
  name: "mainspringLeave",
  lua: `${CLOCK}
if redis.call('HDEL', KEYS[1], 'm:' .. ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'l:' .. ARGV[1], struct.pack('>dd', now, tonumber(ARGV[2])))
end
return 1
`,
};
