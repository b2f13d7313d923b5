/**
 * The formulas of src/policy/limits/gcra.ts as scripts. A bucket is one hash: two fields for each unit with the times of its cell,
 * and `start`, the latest time that was promised.
 */
import { script } from "./Script.js"

// Limits are written as unit, burst, interval, slack and window, followed by the arguments of the script.
const shared = `
local key = keys[1]
local function get(field) return tonumber(redis.call('HGET', key, field)) or -math.huge end
local expires = now
local function set(unit, window, full)
  redis.call('HSET', key, unit, text(full))
  expires = math.max(expires, full + window)
end
local function keep()
  local left = redis.call('PTTL', key)
  redis.call('PEXPIRE', key, math.ceil(math.max(expires - now, left, 1)))
end
`

/** Arguments: the longest wait, then for each limit the amount. Returns whether it is booked, the wait, each new time. */
export const book = script(`${shared}
local start = now
for i = 2, #arg, 6 do
  local full, since, burst, interval = get(arg[i]), get(arg[i] .. ':since'), arg[i + 1], arg[i + 2]
  if full > -math.huge and full - since + arg[i + 5] * interval > (burst + 0.5) * interval then
    since = full + (arg[i + 5] - burst) * interval + arg[i + 3]
  end
  start = math.max(start, since)
end
if start - now > tonumber(arg[1]) then return {'0', text(start - now)} end
local reply = {'1', text(start - now)}
for i = 2, #arg, 6 do
  local unit, before = arg[i], get(arg[i])
  local full = math.max(start, before) + arg[i + 5] * arg[i + 2]
  set(unit, arg[i + 4], full)
  if before + arg[i + 3] <= start then redis.call('HSET', key, unit .. ':since', text(start)) end
  reply[#reply + 1] = text(full)
end
redis.call('HSET', key, 'start', text(math.max(start, get('start'))))
keep()
return reply`)

/** Arguments for each limit: what was not used, and the time that the booking returned. */
export const settle = script(`${shared}
if redis.call('EXISTS', key) == 0 then return end
local start = get('start')
for i = 1, #arg, 7 do
  local full, millis = get(arg[i]), arg[i + 5] * arg[i + 2]
  if millis < 0 then
    full = math.max(full, now) - millis
  else
    full = math.max(full - math.min(millis, math.max(0, arg[i + 6] - now)), math.min(full, start))
  end
  set(arg[i], arg[i + 4], full)
end
keep()`)

/** Arguments for each limit: how much is available, and for how many milliseconds nothing is. */
export const observe = script(`${shared}
for i = 1, #arg, 7 do
  local full = now + math.max(0, (arg[i + 1] - arg[i + 5]) * arg[i + 2] - arg[i + 3]) + arg[i + 6]
  if full > get(arg[i]) then set(arg[i], arg[i + 4], full) end
end
if redis.call('EXISTS', key) == 1 then keep() end`)
