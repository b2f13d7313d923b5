/**
 * Answers many prompts, each once, although the process is killed and started again.
 *
 * ```ts
 * const batch = DurableBatch.make("summaries", { concurrency: 20, maxTokens: 300 })
 * const results = batch.run("2025-11-28", prompts)
 * ```
 */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ChatOptions } from "../../client/ClientOptions.js"
import { LLMClient } from "../../client/LLMClient.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { LLMError } from "../../domain/LLMError.js"
import { Message } from "../../domain/Message.js"
import type { DurableError } from "./DurableError.js"
import { clearExecution } from "./execution.js"
import { type CallRetries, modelCall, StoredResponse } from "./modelCall.js"
import { resumeAtOnce } from "./workflowLayer.js"

/** A prompt of a batch: the text of the user, or a conversation. */
export type BatchPrompt = string | ReadonlyArray<Message>

/** The options of a batch: the fields of all its requests, and how they are made. */
export interface BatchOptions
  extends Omit<ChatRequest, "messages">,
    Pick<ChatOptions, "policies" | "timeouts">,
    CallRetries {
  /** How many prompts a process answers at the same time; 8 by default. */
  readonly concurrency?: number | undefined
  /** Change it with the options, to answer the prompts of an old batch again; 1 by default. */
  readonly version?: number | undefined
}

/** The result of one prompt. */
export interface BatchResult {
  /** The position of the prompt, from 0. */
  readonly index: number
  /** The response, or why there is none. */
  readonly result: Either.Either<ChatResponse, LLMError>
  /** How many results there are so far, this one included. */
  readonly completed: number
  /** How many prompts there are. */
  readonly total: number
}

/** A kind of batch. */
export interface DurableBatch {
  /** Runs the prompts in this process. A process that only reads results does not need it. */
  readonly layer: Layer.Layer<never, never, WorkflowEngine | Sharding | LLMClient>
  /**
   * Answers the prompts, or goes on with the batch of this id, and gives the results as they are ready, in any order. A
   * prompt with the same id, position and text was already asked: its stored result is given, failures included. A
   * reader who leaves interrupts nothing that has begun.
   */
  readonly run: (id: string, prompts: ReadonlyArray<BatchPrompt>) => Stream.Stream<BatchResult, never, WorkflowEngine>
  /** Deletes what is stored of a batch that has ended. Asked again, its prompts are answered again. */
  readonly clear: (
    id: string,
    prompts: ReadonlyArray<BatchPrompt>
  ) => Effect.Effect<void, DurableError, Sharding | MessageStorage>
}

const messagesOf = (prompt: BatchPrompt): ReadonlyArray<Message> =>
  typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt

const workflowOf = (name: string) =>
  Workflow.make({
    name,
    payload: { batch: Schema.String, index: Schema.Number, messages: Schema.Array(Message) },
    success: StoredResponse,
    error: LLMError.schema,
    // The workflow hashes this text.
    idempotencyKey: ({ batch, index, messages }) => JSON.stringify([batch, index, messages])
  })

// A caller starts so many times `concurrency`, so that several runners have something to do.
const runnersFed = 4

const payloadOf = (batch: string, prompt: BatchPrompt, index: number) => ({
  batch,
  index,
  messages: messagesOf(prompt)
})

type BatchWorkflow = ReturnType<typeof workflowOf>

/** Gives the stored result, if there is one. Executing a workflow that has ended would write, and wake the runner. */
const storedAnswer = (workflow: BatchWorkflow, payload: ReturnType<typeof payloadOf>) =>
  Effect.map(Effect.flatMap(workflow.executionId(payload), workflow.poll), (stored) =>
    stored?._tag === "Complete" ? stored.exit : undefined
  )

const answers = (workflow: BatchWorkflow, id: string, prompts: ReadonlyArray<BatchPrompt>, concurrency: number) =>
  Stream.fromIterable(prompts.entries()).pipe(
    // One after the other, as work that is resumed uses the storage too.
    Stream.mapEffect(([index, prompt]) => {
      const payload = payloadOf(id, prompt, index)
      return Effect.map(storedAnswer(workflow, payload), (stored) => ({ index, payload, stored }))
    }),
    Stream.mapEffect(
      ({ index, payload, stored }) =>
        Effect.map(Effect.either(stored ?? workflow.execute(payload)), (result) => ({ index, result })),
      { concurrency: concurrency * runnersFed, unordered: true }
    )
  )

/**
 * Names a kind of batch. The name, the version and the id of a batch find its results again.
 *
 * ```ts
 * const batch = DurableBatch.make("summaries", { concurrency: 20, maxTokens: 300 })
 * const program = batch.run("2025-11-28", prompts).pipe(
 *   Stream.runForEach(({ index, completed, total }) => Console.log(`${completed} of ${total}: prompt ${index}`)),
 *   Effect.provide(batch.layer),
 *   Effect.provide(Durable.sqlite("work.db"))
 * )
 * ```
 */
export const make = (name: string, options: BatchOptions = {}): DurableBatch => {
  const { concurrency = 8, version = 1, policies, timeouts, retries, ...fields } = options
  const workflow = workflowOf(`${name}/v${version}`)
  const layer = Effect.map(Effect.all([LLMClient, Effect.makeSemaphore(concurrency)]), ([client, places]) =>
    resumeAtOnce(
      workflow.toLayer(({ messages }) =>
        places.withPermits(1)(modelCall(client, "chat", { ...fields, messages }, { policies, timeouts, retries }))
      )
    )
  )
  return {
    layer: Layer.unwrapEffect(layer),
    run: (id, prompts) =>
      Stream.suspend(() => {
        let completed = 0
        return answers(workflow, id, prompts, concurrency).pipe(
          Stream.map((result): BatchResult => ({ ...result, completed: ++completed, total: prompts.length }))
        )
      }),
    clear: (id, prompts) =>
      Effect.forEach(
        prompts.entries(),
        ([index, prompt]) =>
          Effect.flatMap(workflow.executionId(payloadOf(id, prompt, index)), (execution) =>
            clearExecution({ workflow: workflow.name, id: execution })
          ),
        { discard: true }
      )
  }
}
