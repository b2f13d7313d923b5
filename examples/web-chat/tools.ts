/** The tools of the chat: one that acts in the name of the user, and so asks first. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Tool } from "llm-connectivity/tools"

/** Writes a line to the log instead of an email. The id of a call is the same whenever it is repeated. */
export const sendEmail = Tool.make("send_email", {
  description: "Sends an email in the name of the user",
  parameters: { to: Schema.String, subject: Schema.String, text: Schema.String },
  needsApproval: true,
  execute: ({ to, subject }, { id }) =>
    Effect.as(Effect.log(`Email ${id} to ${to}: ${subject}`), `The email to ${to} is sent.`)
})
