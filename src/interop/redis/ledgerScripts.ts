/**
 * Budgets as scripts. Keys: `sums`, a hash whose fields are a letter and an account (s spent, r reserved, n requests,
 * e estimated, u unpriced, x expired; amounts in nano-dollars); `leases`, the reservations by the time of their expiry;
 * `held`, what each of them reserves. The first argument of each script is the period, `day`, `month` or nothing.
 */
import { type Script, script } from "./Script.js"

export type { Script } from "./Script.js"

// The calendar in UTC from the server's time, by Howard Hinnant's days-to-civil algorithm: scripts have no os.date.
const shared = `
local sums, leases, held = keys[1], keys[2], keys[3]
local function add(kind, account, amount)
  redis.call('HINCRBY', sums, kind .. account, string.format('%.0f', amount))
end
local function get(kind, account) return tonumber(redis.call('HGET', sums, kind .. account)) or 0 end
local function periodOf()
  local days = math.floor(now / 86400000)
  if arg[1] == 'day' then return tostring(days) end
  if arg[1] ~= 'month' then return 'all' end
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local month = (math.floor((5 * doy + 2) / 153) + 2) % 12 + 1
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  return year .. '-' .. month
end
local period = periodOf()
if redis.call('HGET', sums, 'period') ~= period then
  redis.call('DEL', sums)
  redis.call('HSET', sums, 'period', period)
end
local function find(id)
  local text = redis.call('HGET', held, id)
  return text and cjson.decode(text)
end
local function release(id, record)
  redis.call('ZREM', leases, id)
  redis.call('HDEL', held, id)
  if record.period ~= period then return end
  for _, account in ipairs(record.accounts) do add('r', account, -record.amount) end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 100)) do
  local record = find(id)
  if record then
    release(id, record)
    for _, account in ipairs(record.accounts) do
      add('s', account, record.amount)
      add('x', account, record.amount)
      add('n', account, 1)
    end
  else
    redis.call('ZREM', leases, id)
  end
end
local function hold(id, amount, lease, first)
  amount = tonumber(amount)
  local accounts = {}
  for i = first, #arg, 2 do
    local account, limit = arg[i], tonumber(arg[i + 1])
    local spent, reserved = get('s', account), get('r', account)
    if limit >= 0 and spent + reserved + amount > limit then
      return {(i - first) / 2 + 1, string.format('%.0f', spent), string.format('%.0f', reserved)}
    end
    accounts[#accounts + 1] = account
  end
  for _, account in ipairs(accounts) do add('r', account, amount) end
  redis.call('HSET', held, id, cjson.encode({amount = amount, accounts = accounts, period = period}))
  redis.call('ZADD', leases, now + lease, id)
  return {1}
end
`

// 400 days: a budget that was not used for longer is gone.
const keep = `for _, key in ipairs(keys) do redis.call('PEXPIRE', key, '34560000000') end`

/** Arguments: id, amount, lease, then accounts with their budgets, or -1. Returns more than one number if one is exceeded. */
export const reserve: Script = script(`${shared}
local reply = hold(arg[2], arg[3], arg[4], 5)
${keep}
return reply`)

/** As `reserve`, for a reservation that exists. */
export const move: Script = script(`${shared}
local record = find(arg[2])
if record then release(arg[2], record) end
local reply = hold(arg[2], arg[3], arg[4], 5)
if record and #reply > 1 then
  if record.period == period then
    for _, account in ipairs(record.accounts) do add('r', account, record.amount) end
  end
  redis.call('HSET', held, arg[2], cjson.encode(record))
  redis.call('ZADD', leases, now + arg[4], arg[2])
end
${keep}
return reply`)

/** Arguments: id and lease. */
export const renew: Script = script(`${shared}
redis.call('ZADD', leases, 'XX', now + arg[3], arg[2])`)

/**
 * Arguments: id, what the cost is (estimated, unpriced or nothing), the cost, what was reserved, then accounts. Of a
 * reservation that has expired, or of a commit that is sent again because its reply was lost, only what goes beyond the
 * reservation is added, as the rest counts as spent.
 */
export const commit: Script = script(`${shared}
local record = find(arg[2])
local cost = tonumber(arg[4])
if record then release(arg[2], record) else cost = math.max(0, cost - arg[5]) end
for i = 6, #arg do
  add('s', arg[i], cost)
  if record then
    add('n', arg[i], 1)
    if arg[3] == 'estimated' then add('e', arg[i], 1) end
    if arg[3] == 'unpriced' then add('u', arg[i], 1) end
  end
end
${keep}`)

/** Returns the fields of the sums. */
export const summary: Script = script(`${shared}
${keep}
return redis.call('HGETALL', sums)`)
