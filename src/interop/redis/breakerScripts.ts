/** The rules of src/policy/breaker/state.ts as scripts. A breaker is one hash with the fields of its state. */
import { script } from "./Script.js"

// The arguments begin with failures, coolDown, ramp and probe of the settings. A field that is missing is 0.
const shared = `
local key = keys[1]
local maxFailures, coolDown, ramp, probe = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local names = {'failures', 'failedAt', 'isOpen', 'openUntil', 'probeUntil', 'limitedUntil', 'rampAt', 'admitted'}
local values = redis.call('HMGET', key, unpack(names))
local s = {}
for i, name in ipairs(names) do s[name] = tonumber(values[i] or '0') end
local function reset()
  for _, name in ipairs(names) do if name ~= 'limitedUntil' then s[name] = 0 end end
end
local function open(millis)
  local failures, openUntil = s.failures, s.openUntil
  reset()
  s.failures, s.failedAt, s.isOpen, s.openUntil = failures, now, 1, math.max(openUntil, now + millis)
end
local function isRamping() return s.rampAt > 0 and now < s.rampAt + ramp end
local function state()
  if s.isOpen == 1 then return now < s.probeUntil and 'half-open' or 'open' end
  return isRamping() and 'half-open' or 'closed'
end
local function save()
  for _, name in ipairs(names) do redis.call('HSET', key, name, text(s[name])) end
  local expires = math.max(s.failedAt + 30000, s.openUntil + 30000, s.probeUntil, s.limitedUntil, s.rampAt + ramp)
  redis.call('PEXPIRE', key, math.ceil(math.max(expires - now, 1)))
end
`

/** Returns whether the request is admitted, whether its success must be reported, the reason, the wait, and the state. */
export const admit = script(`${shared}
local function reject(reason, until_) return {'0', '1', reason, text(math.max(1, until_ - now)), state()} end
if now < s.limitedUntil then return reject('limited', s.limitedUntil) end
if s.isOpen == 1 then
  if now < s.openUntil or now < s.probeUntil then
    return reject('open', math.max(s.openUntil, math.min(s.probeUntil, now + coolDown)))
  end
  s.probeUntil = now + probe
  save()
  return {'1', '1', '', '0', state()}
end
if isRamping() then
  local step = ramp / 10
  local doubled = math.floor((now - s.rampAt) / step)
  if s.admitted >= 2 ^ doubled then return reject('open', s.rampAt + (doubled + 1) * step) end
  s.admitted = s.admitted + 1
  save()
  return {'1', '1', '', '0', state()}
end
local watched = (s.failures > 0 or s.rampAt > 0) and '1' or '0'
return {'1', watched, '', '0', state()}`)

/** Returns the state. Further arguments: the outcome and what the provider asked to wait. */
export const report = script(`${shared}
local outcome, wait = arg[5], tonumber(arg[6])
if outcome == 'success' then
  if s.isOpen == 1 then
    reset()
    s.rampAt, s.admitted = now, 1
  else
    s.failures = 0
    if now >= s.rampAt + ramp then s.rampAt = 0 end
  end
elseif outcome == 'failure' then
  local isProbe = s.isOpen == 1 and now < s.probeUntil
  if s.isOpen == 1 and not isProbe and wait == 0 then return state() end
  s.failures = (now - s.failedAt <= 30000) and s.failures + 1 or 1
  s.failedAt = now
  if s.isOpen == 1 or isRamping() or s.failures >= maxFailures then open(math.max(wait, coolDown)) end
elseif outcome == 'limited' then
  reset()
  s.limitedUntil = math.max(s.limitedUntil, now + wait)
elseif outcome == 'ejected' then
  open(math.max(wait, coolDown))
else
  s.probeUntil = 0
end
save()
return state()`)
