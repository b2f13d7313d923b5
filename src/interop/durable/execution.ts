/** Reads and deletes the stored data of one execution of a workflow. */
import { EntityAddress } from "@effect/cluster/EntityAddress"
import { EntityId } from "@effect/cluster/EntityId"
import { EntityType } from "@effect/cluster/EntityType"
import { MessageStorage } from "@effect/cluster/MessageStorage"
import { Sharding } from "@effect/cluster/Sharding"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { DurableError } from "./DurableError.js"

/** An execution of a workflow. */
export interface Execution {
  readonly workflow: string
  readonly id: string
}

/** A part of an execution, as `@effect/cluster` stores it. */
export interface StoredPart {
  readonly tag: "run" | "activity" | "deferred"
  readonly key: string
}

/** The key of an activity's attempt. */
const attemptKey = (activity: string, attempt: number): string => `${activity}/${attempt}`

const addressOf = ({ workflow, id }: Execution): Effect.Effect<EntityAddress, never, Sharding> =>
  Effect.map(Sharding, (sharding) => {
    const entityId = EntityId.make(id)
    const entityType = EntityType.make(`Workflow/${workflow}`)
    // `default` is the shard group of workflows.
    return new EntityAddress({ entityType, entityId, shardId: sharding.getShardId(entityId, "default") })
  })

const unreadable = () =>
  new DurableError({ reason: "Unavailable", message: "the storage of durable work cannot be reached; try again" })

const requestIdOf = (execution: Execution, { tag, key }: StoredPart) =>
  Effect.gen(function* () {
    const storage = yield* MessageStorage
    const address = yield* addressOf(execution)
    return yield* Effect.mapError(storage.requestIdForPrimaryKey({ address, tag, id: key }), unreadable)
  })

/** Whether a part of an execution was stored, with or without a result. */
export const isStored = (
  execution: Execution,
  part: StoredPart
): Effect.Effect<boolean, DurableError, Sharding | MessageStorage> =>
  Effect.map(requestIdOf(execution, part), Option.isSome)

const lastReply = (execution: Execution, part: StoredPart) =>
  Effect.gen(function* () {
    const requestId = yield* requestIdOf(execution, part)
    if (Option.isNone(requestId)) return undefined
    const storage = yield* MessageStorage
    return (yield* Effect.mapError(storage.repliesForUnfiltered([requestId.value]), unreadable)).at(-1)
  })

/** The exit of an activity that succeeded. */
const success = Schema.decodeUnknownOption(
  Schema.Struct({
    _tag: Schema.Literal("Success"),
    value: Schema.Struct({
      _tag: Schema.Literal("Complete"),
      exit: Schema.Struct({ _tag: Schema.Literal("Success"), value: Schema.Unknown })
    })
  })
)

/** Gives the encoded result of an activity that succeeded. */
export const storedResult = (
  execution: Execution,
  activity: string,
  attempt = 1
): Effect.Effect<Option.Option<unknown>, DurableError, Sharding | MessageStorage> =>
  Effect.map(lastReply(execution, { tag: "activity", key: attemptKey(activity, attempt) }), (reply) =>
    reply?._tag === "WithExit" ? Option.map(success(reply.exit), ({ value }) => value.exit.value) : Option.none()
  )

/** Deletes what is stored of an execution. */
export const clearExecution = (execution: Execution): Effect.Effect<void, DurableError, Sharding | MessageStorage> =>
  Effect.gen(function* () {
    const storage = yield* MessageStorage
    yield* Effect.mapError(storage.clearAddress(yield* addressOf(execution)), unreadable)
  })
