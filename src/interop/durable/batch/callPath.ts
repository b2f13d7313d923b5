/** Answers the prompts of a batch by calls: each prompt is an execution of its own. */
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { LLMClient } from "../../../client/LLMClient.js"
import { LLMError } from "../../../domain/LLMError.js"
import { clearExecution } from "../execution.js"
import { modelCall, StoredResponse } from "../modelCall.js"
import { resumeAtOnce } from "../workflowLayer.js"
import type { BatchPath, CallOptions, PromptResult } from "./BatchPath.js"
import { type BatchPrompt, StoredPrompt, storedPrompt } from "./BatchPrompt.js"

const workflowOf = (name: string) =>
  Workflow.make({
    name,
    payload: { batch: Schema.String, index: Schema.Number, ...StoredPrompt.fields },
    success: StoredResponse,
    error: LLMError.schema,
    idempotencyKey: ({ batch, index, messages, model }) => JSON.stringify([batch, index, messages, model])
  })

type CallWorkflow = ReturnType<typeof workflowOf>

// The program that reads the results starts this many times `concurrency` prompts, so that several runners have work.
const runnersFed = 4

const payloadOf = (batch: string, prompt: BatchPrompt, index: number) => ({ batch, index, ...storedPrompt(prompt) })

/** Gives the stored result, if there is one. Executing an ended workflow would write to the storage and wake the runner. */
const storedAnswer = (workflow: CallWorkflow, payload: ReturnType<typeof payloadOf>) =>
  Effect.map(Effect.flatMap(workflow.executionId(payload), workflow.poll), (stored) =>
    stored?._tag === "Complete" ? stored.exit : undefined
  )

const answers = (
  workflow: CallWorkflow,
  id: string,
  prompts: ReadonlyArray<BatchPrompt>,
  concurrency: number
): Stream.Stream<PromptResult, never, WorkflowEngine> =>
  Stream.fromIterable(prompts.entries()).pipe(
    // Sequential, because resumed work uses the storage at the same time.
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

/** Makes the path of one kind of batch. */
export const callPath = (
  name: string,
  { concurrency = 8, policies, timeouts, retries, ...fields }: CallOptions
): BatchPath<LLMClient, never> => {
  const workflow = workflowOf(name)
  const layer = Effect.map(Effect.all([LLMClient, Effect.makeSemaphore(concurrency)]), ([client, semaphore]) =>
    resumeAtOnce(
      workflow.toLayer(({ messages, model = fields.model }) =>
        semaphore.withPermits(1)(
          modelCall(client, "chat", { ...fields, messages, model }, { policies, timeouts, retries })
        )
      )
    )
  )
  return {
    layer: Layer.unwrapEffect(layer),
    answers: (id, prompts) => answers(workflow, id, prompts, concurrency),
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
