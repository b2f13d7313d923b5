/**
 * Runs as scripts. Keys: `meta`, a hash of the fields below; `log`, a stream whose ids are positions, `epoch-sequence`.
 * Both expire together. That is renewed once in a lease, as with every write it would take Redis a fifth longer: a run
 * that nobody writes is gone after its retention and at most two leases.
 *
 * epoch       the number of the producer that may write
 * last        the sequence of the last entry
 * leaseUntil  server time in milliseconds, as are startedAt and keptUntil
 * keptUntil   when the keys expire if nobody writes
 * retention   milliseconds that the run is kept after its end
 * stop        "1" after a request to stop
 * end         how it ended
 */
import { type Script, script } from "./Script.js"

export type { Script } from "./Script.js"

const shared = `
local meta, log = keys[1], keys[2]
local function tell(topic) redis.call('PUBLISH', string.gsub(meta, 'meta$', topic), '') end
local function keep(millis)
  millis = string.format('%.0f', millis)
  redis.call('PEXPIRE', meta, millis)
  redis.call('PEXPIRE', log, millis)
end
local function record()
  local run = redis.call('HMGET', meta, 'owner', 'digest', 'startedAt', 'last', 'leaseUntil', 'stop', 'end')
  if not run[1] then return false end
  run[5] = text(run[5] - now)
  return run
end
`

/** Arguments: owner, digest, lease and retention. Returns the record that is there already. */
export const create: Script = script(`${shared}
local existing = record()
if existing then return existing end
local kept = 2 * arg[3] + arg[4]
redis.call('DEL', log)
redis.call('HSET', meta, 'owner', arg[1], 'digest', arg[2], 'startedAt', string.format('%.0f', now), 'epoch', '1',
  'last', '0', 'leaseUntil', text(now + arg[3]), 'keptUntil', text(now + kept), 'retention', arg[4])
keep(kept)`)

/**
 * Arguments: epoch, lease, retention, sequence of the first entry, whether this is the end, the end, then the entries.
 * Returns `refused`; `gap` and the last sequence; or, if everything is written, 0, and 1 for a stop. When the keys were
 * renewed, and the list of the owner has to be, that is `written`, 0 or 1, owner and start.
 */
export const write: Script = script(`${shared}
local run = redis.call('HMGET', meta, 'epoch', 'last', 'stop', 'end', 'keptUntil')
local isEnd = arg[5] == '1'
if run[1] ~= arg[1] then return {'refused'} end
local stop = tonumber(run[3] or 0)
if run[4] then
  if isEnd and run[4] == arg[6] then return stop end
  return {'refused'}
end
local last, first = tonumber(run[2]), tonumber(arg[4])
if last < first - 1 then return {'gap', run[2]} end
local before = last
for i = 7 + last - (first - 1), #arg do
  last = last + 1
  redis.call('XADD', log, arg[1] .. '-' .. string.format('%.0f', last), 't', arg[i])
end
redis.call('HSET', meta, 'last', string.format('%.0f', last), 'leaseUntil', text(now + arg[2]), 'retention', arg[3])
if isEnd then redis.call('HSET', meta, 'end', arg[6]) end
if isEnd or last > before then tell('entries') end
local left = run[5] - now
local isDue = left < arg[2] + arg[3]
if isDue then
  left = 2 * arg[2] + arg[3]
  redis.call('HSET', meta, 'keptUntil', text(now + left))
end
-- The first entry makes the log.
if isEnd then keep(arg[3]) elseif isDue or before == 0 then keep(left) end
if not isDue then return stop end
return {'written', stop, unpack(redis.call('HMGET', meta, 'owner', 'startedAt'))}`)

/** Argument: end. */
export const expire: Script = script(`${shared}
local run = redis.call('HMGET', meta, 'epoch', 'leaseUntil', 'retention', 'end')
if not run[1] or run[4] or now < tonumber(run[2]) then return end
redis.call('HSET', meta, 'epoch', string.format('%.0f', run[1] + 1), 'end', arg[1])
keep(run[3])
tell('entries')`)

/** Returns the record. */
export const find: Script = script(`${shared}
return record()`)

/** Arguments: the position before the first entry, and how many. Returns the record and the entries. */
export const read: Script = script(`${shared}
local run = record()
if not run then return false end
return {run, redis.call('XRANGE', log, '(' .. arg[1], '+', 'COUNT', arg[2])}`)

/** Asks for the end. */
export const requestStop: Script = script(`${shared}
local run = redis.call('HMGET', meta, 'epoch', 'stop', 'end')
if not run[1] or run[2] or run[3] then return end
redis.call('HSET', meta, 'stop', '1')
tell('stop')`)

// The latest runs of an owner that are listed.
const maxListed = 1000

/** The list of an owner, a set ordered by start. Arguments: id, start or nothing for now, and how long to keep it. */
export const enlist: Script = script(`
redis.call('ZADD', keys[1], arg[2] == '' and text(now) or arg[2], arg[1])
redis.call('ZREMRANGEBYRANK', keys[1], 0, -${maxListed + 1})
if redis.call('PTTL', keys[1]) < tonumber(arg[3]) then redis.call('PEXPIRE', keys[1], arg[3]) end`)

/** Returns the ids of the list, the latest first. */
export const list: Script = script(`return redis.call('ZREVRANGE', keys[1], 0, -1)`)

/** Arguments: ids that are gone. */
export const unlist: Script = script(`redis.call('ZREM', keys[1], unpack(arg))`)
