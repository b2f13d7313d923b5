/** Approvals: the page decides about the calls with which a run has ended, and another run goes on. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ValidationError } from "llm-connectivity"
import { Runs } from "llm-connectivity/runs"

/** The request body of the page: a run that waits, and a decision for each of its calls by the id of the call. */
export const Decisions = Schema.Struct({
  run: Schema.NonEmptyString,
  decisions: Schema.Record({ key: Schema.String, value: Schema.Literal("approve", "deny") })
})

/** Tells the page that a decision was refused: it came twice or too late, or the calls have changed. */
export const refused = ({ message }: { readonly message: string }) =>
  new ValidationError({ provider: "", model: "", message })

const nothingWaits = refused({ message: "nothing in this run waits for an approval" })

/**
 * Reads the conversation and the signed calls with which a run of this owner has ended. They stay on the server, so that
 * the page sends decisions and nothing that it could change. Each approval can be used once, whichever tab it comes from.
 */
export const pendingOf = ({ run, decisions }: typeof Decisions.Type, owner: string) =>
  Effect.gen(function* () {
    const { state } = yield* Runs.status(run, { owner })
    // Reading waits for the end of a run, which may be the one that would read.
    const last = state === "complete" ? yield* Stream.runLast(Runs.readEvents(run, { owner })) : Option.none()
    const event = Option.getOrUndefined(last)
    if (event?.type !== "end") return yield* nothingWaits
    const { messages, pendingApprovals } = event.response
    const approvals = pendingApprovals.map((approval) => ({
      approval,
      decision: decisions[approval.call.toolCallId] ?? "deny"
    }))
    return { messages, resume: { approvals } }
  }).pipe(Effect.mapError((error) => (error._tag === "RunError" ? refused(error) : error)))
