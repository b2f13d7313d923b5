/** Writes a pending approval as one text, which front ends use as its id. */
import type { ToolCall } from "../../domain/Message.js"
import type { PendingApproval } from "../../tools/approvals/PendingApproval.js"
import { callIdOf } from "../../tools/LoopCall.js"
import { loopCallOf } from "../../tools/planCalls.js"

/** Writes an approval without its call, which is in the conversation. */
export const approvalToken = ({ loopId, call, expiresAt, signature }: PendingApproval): string =>
  `${callIdOf(loopId, call.step, call.position)}.${expiresAt}.${signature}`

// Characters. Longer than the token of any loop whose id has a sensible length.
const maxLength = 1000

/** Reads a token about one of the calls of a message; `undefined` if it is not a token of one of them. */
export const readApprovalToken = (token: string, calls: ReadonlyArray<ToolCall>): PendingApproval | undefined => {
  const [, loopId, step, position, expiresAt, signature] =
    token.length > maxLength ? [] : (/^(.*)\/(\d{1,9})\/(\d{1,9})\.(\d{1,15})\.([\w-]{1,100})$/s.exec(token) ?? [])
  const call = calls[Number(position)]
  if (loopId === undefined || signature === undefined || call === undefined) return undefined
  return {
    loopId,
    call: loopCallOf(call, loopId, Number(step), Number(position)),
    expiresAt: Number(expiresAt),
    signature
  }
}
