/** The tools of the chat: one that acts in the name of the user and so needs an approval. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Tool } from "llm-connectivity/tools"

/** Writes a log line instead of an email. A repeated call has the same id, so a real tool could send it once. */
export const sendEmail = Tool.make("send_email", {
  description: "Sends an email in the name of the user",
  parameters: { to: Schema.String, subject: Schema.String, text: Schema.String },
  needsApproval: true,
  execute: ({ to, subject }, { id }) =>
    Effect.as(Effect.log(`Email ${id} to ${to}: ${subject}`), `The email to ${to} is sent.`)
})
