/** The service that signs calls which wait for an approval, and lets each approved call run once. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { finiteDurationProblem } from "../../domain/durationProblem.js"
import { ValidationError } from "../../domain/LLMError.js"
import type { ApprovalStore } from "../../policy/ApprovalStore.js"
import { ApprovalError, type ApprovalErrorReason } from "./ApprovalError.js"
import type { PendingApproval } from "./PendingApproval.js"
import { type ApprovalClaim, importKey, type SigningKey, sign, verify } from "./signing.js"

/** The options of `Approvals.layer`. */
export interface ApprovalsOptions<E = never, R = never> {
  /** Signs approvals; at least 32 bytes, from a random source. */
  readonly secret: Redacted.Redacted<string>
  /** Earlier secrets, whose approvals stay valid until they expire. */
  readonly previous?: ReadonlyArray<Redacted.Redacted<string>> | undefined
  /** Remembers which approvals were used: `ApprovalStore.memory`, or a store that several processes share. */
  readonly store: ApprovalStore | Effect.Effect<ApprovalStore, E, R>
  /** How long a call can be approved; an hour by default. */
  readonly expiresIn?: Duration.DurationInput | undefined
}

/** What an approval is bound to, but for its expiry. */
export interface Approvable extends Omit<ApprovalClaim, "expiresAt"> {}

/** Signs and checks approvals. The loop uses it. */
export interface ApprovalsService {
  /** Signs a call that waits. */
  readonly sign: (approvable: Approvable) => Effect.Effect<PendingApproval>
  /** Checks that an approval is what was signed for this call, and has not expired. */
  readonly verify: (approvable: Approvable, approval: PendingApproval) => Effect.Effect<void, ApprovalError>
  /** Uses the approvals of a step together, which works once. */
  readonly consume: (caller: string, approvals: ReadonlyArray<PendingApproval>) => Effect.Effect<void, ApprovalError>
}

const minSecretBytes = 32

const invalid = (message: string) => new ValidationError({ provider: "", model: "", message })

const weakSecret = invalid(
  `the secret of Approvals is shorter than ${minSecretBytes} bytes; make one with: openssl rand -hex 32`
)

const keyOf = (secret: Redacted.Redacted<string>): Effect.Effect<SigningKey, ValidationError> => {
  const text = Redacted.value(secret)
  return new TextEncoder().encode(text).length < minSecretBytes ? Effect.fail(weakSecret) : importKey(text)
}

const make = <E, R>(options: ApprovalsOptions<E, R>): Effect.Effect<ApprovalsService, ValidationError | E, R> =>
  Effect.gen(function* () {
    const { secret, previous = [], expiresIn = "1 hour" } = options
    const problem = finiteDurationProblem("expiresIn", expiresIn)
    if (problem !== undefined) return yield* invalid(problem)
    const key = yield* keyOf(secret)
    const keys = [key, ...(yield* Effect.forEach(previous, keyOf))]
    const store = Effect.isEffect(options.store) ? yield* options.store : options.store
    return Approvals.of({
      sign: (approvable) =>
        Effect.gen(function* () {
          const expiresAt = (yield* Clock.currentTimeMillis) + Duration.toMillis(expiresIn)
          const signature = yield* sign(key, { ...approvable, expiresAt })
          return { call: approvable.call, loopId: approvable.loopId, expiresAt, signature }
        }),
      verify: (approvable, { expiresAt, signature }) =>
        Effect.gen(function* () {
          // A signature is checked first, so that a forged approval learns nothing.
          if (!(yield* verify(keys, { ...approvable, expiresAt }, signature))) return yield* refused("Invalid")
          if ((yield* Clock.currentTimeMillis) >= expiresAt) return yield* refused("Expired")
        }),
      consume: (caller, approvals) =>
        Effect.matchEffect(store.consume(usedId(caller, approvals), lastExpiry(approvals)), {
          onSuccess: (isFirst) => (isFirst ? Effect.void : refused("Used")),
          onFailure: () => refused("Unavailable")
        })
    })
  })

/**
 * The id under which the store knows that the approvals of a step were used. It is one for all of them, as a store that
 * fails between two uses would leave approvals that can never be used. It has the step and no signature: calls that were
 * signed twice still run once.
 */
const usedId = (caller: string, approvals: ReadonlyArray<PendingApproval>): string =>
  JSON.stringify([caller, approvals[0]?.loopId, approvals[0]?.call.step])

const lastExpiry = (approvals: ReadonlyArray<PendingApproval>): number =>
  Math.max(...approvals.map(({ expiresAt }) => expiresAt))

/**
 * The service that signs calls which wait for an approval, so that a client can carry them and nobody can forge, change
 * or replay them. Tools that need an approval require it, unless the loop has `approve`.
 *
 * ```ts
 * Approvals.layer({ secret: Redacted.make(secret), store: ApprovalStore.memory })
 * ```
 */
export class Approvals extends Context.Tag("llm-connectivity/Approvals")<Approvals, ApprovalsService>() {
  /** Provides the service; a secret that is too short is a `ValidationError`. */
  static readonly layer = <E = never, R = never>(
    options: ApprovalsOptions<E, R>
  ): Layer.Layer<Approvals, ValidationError | E, Exclude<R, Scope.Scope>> => Layer.scoped(Approvals, make(options))
}

const sentences: { readonly [Reason in ApprovalErrorReason]: string } = {
  Invalid: "the approval is not what this server signed for this caller and conversation; start the request again",
  Expired: "the approval has expired; start the request again",
  Used: "the approval was already used; nothing was run again",
  Missing: "a call that waits for an approval has no decision; decide about each of them",
  Unavailable: "the store of approvals cannot be reached, so nothing was run; try again"
}

/** Makes the error of a refused approval. */
export const refused = (reason: ApprovalErrorReason): ApprovalError =>
  new ApprovalError({ reason, message: sentences[reason] })
