/** Lua scripts, which Redis runs as one step. */
import { createHash } from "node:crypto"

/** A script and the hash by which Redis knows it. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

/**
 * Makes a script from its body, which sees
 *
 * - `now`: the server's time in milliseconds with a fraction;
 * - `keys` and `arg`: lists of strings;
 * - `text(number)`: a number as text, which Redis would otherwise round to a whole number.
 *
 * Its result is the second value of the reply; the first one is the server's time in microseconds, a whole number as a
 * client reads those without making a string. The first argument of the script is the time after which nobody waits for
 * it: a server that was paused refuses what it finds in its queue.
 */
export const script = (body: string): Script => {
  const lua = `local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function text(number) return string.format('%.3f', number) end
if now > tonumber(table.remove(ARGV, 1)) then return redis.error_reply('LATE the caller no longer waits') end
local function run(keys, arg) ${body}
end
return {time[1] * 1000000 + time[2], run(KEYS, ARGV)}`
  return { lua, sha: createHash("sha1").update(lua).digest("hex") }
}
