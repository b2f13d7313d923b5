/** A call that waits for an approval, as it is sent to the person who decides and back. */
import * as Schema from "effect/Schema"
import { lazySchema } from "../../domain/lazy.js"
import type { ToolMessage } from "../../domain/Message.js"
import type { LoopCall } from "../LoopCall.js"

/** A call that waits for an approval: plain data, readable and signed. A changed one is refused. */
export interface PendingApproval {
  /** The call: its tool, and the arguments to show to whoever decides. */
  readonly call: LoopCall
  /** The loop of the call. */
  readonly loopId: string
  /** Until when it can be approved, in milliseconds since 1970. */
  readonly expiresAt: number
  /** The HMAC-SHA-256 of the call in its conversation, in base64url. */
  readonly signature: string
}

/** The decision about a call; a denial may give the model a reason. */
export type Decision =
  | "approve"
  | "deny"
  | {
      /** Denies, and gives the model this reason. */
      readonly deny: string
    }

/** A pending approval with its decision. */
export interface DecidedApproval {
  /** The approval as the loop gave it. */
  readonly approval: PendingApproval
  /** The decision. */
  readonly decision: Decision
}

/** How a loop that ended with pending calls goes on. The request has the messages with which it ended. */
export interface Resume {
  /** The decisions about all calls that waited for an approval. */
  readonly approvals: ReadonlyArray<DecidedApproval>
  /** The results of the calls that were left to the caller. */
  readonly results?: ReadonlyArray<ToolMessage> | undefined
}

/** The schema of a pending approval with its decision, to decode what a client sends. */
export const DecidedApproval: Schema.Schema<DecidedApproval> = lazySchema(() =>
  Schema.Struct({
    approval: Schema.Struct({
      call: Schema.Struct({
        id: Schema.String,
        toolCallId: Schema.String,
        name: Schema.String,
        arguments: Schema.Unknown,
        step: Schema.NonNegativeInt,
        position: Schema.NonNegativeInt
      }),
      loopId: Schema.String,
      expiresAt: Schema.Number,
      signature: Schema.String
    }),
    decision: Schema.Union(Schema.Literal("approve", "deny"), Schema.Struct({ deny: Schema.String }))
  })
)
