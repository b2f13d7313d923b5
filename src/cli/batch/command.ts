/** The command `batch`: runs requests as the provider's own batches, at half the price. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { BatchHandle } from "../../batch/BatchHandle.js"
import type { BatchResult } from "../../batch/BatchItem.js"
import type { BatchStatus } from "../../batch/BatchStatus.js"
import { ProviderBatch } from "../../batch/ProviderBatch.js"
import { type Command, defineCommand } from "../Command.js"
import { CommandError, type CommandFailure, exitCodes, usageError } from "../CommandError.js"
import { readPiped, readTexts } from "../Input.js"
import { requestedOrDefaultModel } from "../Model.js"
import * as Options from "../Options.js"
import { printLine, printNotice } from "../Output.js"
import { didYouMean } from "../Suggestion.js"
import { parseItems } from "./items.js"

const actions = ["submit", "status", "results", "cancel"] as const
type Action = (typeof actions)[number]

const options = {
  model: Options.text({
    name: "model",
    short: "m",
    value: "provider/model",
    help: "For submit: the provider, and the model of requests that name none. Default: LLM_MODEL, or else openai/gpt-4o-mini"
  }),
  api: Options.choice(
    { name: "api", value: "chat|responses", help: "For submit: which API of OpenAI. Default: chat" },
    ["chat", "responses"]
  ),
  files: Options.texts({
    name: "file",
    short: "f",
    value: "path",
    help: 'JSONL: {"id": "a", "prompt": "…"} or {"id": "a", "request": {…}} per line; repeatable. Default: the standard input. For results: the same, so that errors say what the provider says'
  }),
  store: Options.text({
    name: "store",
    value: "folder",
    help: "Where the ids of batches are kept, without prompts. Default: .llm-batches"
  }),
  every: Options.duration({ name: "every", value: "time", help: "How often results are asked for. Default: 1m" })
}

type Values = Options.OptionValues<typeof options>

const run = (values: Values, operands: ReadonlyArray<string>): Effect.Effect<void, CommandFailure> =>
  Effect.gen(function* () {
    const [written = "", id, ...others] = operands
    const action = actions.find((each) => each === written)
    if (action === undefined) {
      const problem = written === "" ? "batch needs an action" : `batch has no action ${written}`
      return yield* usageError(`${problem}${didYouMean(written, actions) || `; write one of ${actions.join(", ")}`}`)
    }
    if (id === undefined || others.length > 0) return yield* usageError(`write: llm-connectivity batch ${action} <id>`)
    yield* (action === "submit" ? submit(id, values) : perform(action, id, values)).pipe(
      Effect.provide(storeIn(values.store ?? ".llm-batches")),
      Effect.provide(FetchHttpClient.layer),
      Effect.catchTag("BatchStoreError", storeFailure)
    )
  })

const storeIn = (folder: string) =>
  KeyValueStore.layerFileSystem(folder).pipe(
    Layer.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer)),
    Layer.mapError(asCommandError)
  )

const asCommandError = ({ message }: { readonly message: string }): CommandError =>
  new CommandError({ message: `the folder of batches failed: ${message}`, exitCode: exitCodes.unexpected })

const storeFailure = (error: { readonly message: string }) => Effect.fail(asCommandError(error))

/** Asks the provider to which the batch was submitted. */
const perform = (action: Exclude<Action, "submit">, id: string, values: Values) =>
  Effect.gen(function* () {
    const handle = yield* handleOf(id)
    // A batch of several models has none; what is asked here needs only the provider.
    const model = handle.parts[0]?.model ?? "any"
    const api = handle.api === "responses" ? handle.api : undefined
    yield* ask(action, handle, values).pipe(
      Effect.provide(ProviderBatch.layer({ model: `${handle.provider}/${model}`, api }))
    )
  })

const ask = (action: Exclude<Action, "submit">, handle: BatchHandle, { every, files }: Values) =>
  Effect.gen(function* () {
    const batches = yield* ProviderBatch
    if (action === "status") return yield* printStatus(yield* batches.status(handle))
    if (action === "cancel") return yield* printStatus(yield* batches.cancel(handle))
    const items = yield* parseItems((yield* readTexts(files)).join("\n"))
    return yield* Stream.runForEach(batches.results(handle, { every: every ?? "1 minute", items }), printResult)
  })

const submit = (id: string, { model, api, files }: Values) =>
  Effect.gen(function* () {
    // A program that starts this one may leave the standard input open.
    const text = files.length === 0 ? yield* readPiped : (yield* readTexts(files)).join("\n")
    if (text === undefined) return yield* usageError("no requests; give a --file of JSONL, or pipe one in")
    const items = yield* parseItems(text)
    const layer = ProviderBatch.layer({ model: yield* requestedOrDefaultModel(model), api })
    const handle = yield* Effect.provide(
      Effect.flatMap(ProviderBatch, (batches) => batches.submit(id, items)),
      layer
    )
    const store = yield* handles
    yield* Effect.mapError(store.set(id, handle), asCommandError)
    yield* printLine(JSON.stringify(handle))
    const rejected = handle.rejected?.flatMap(({ ids }) => ids).length ?? 0
    const count = items.length - rejected
    yield* printNotice(
      `submitted ${count === 1 ? "1 request" : `${count} requests`}${rejected === 0 ? "" : `, and the provider rejected ${rejected}`}; next: npx llm-connectivity batch results ${id}`
    )
  })

const handles = Effect.map(KeyValueStore.KeyValueStore, (store) =>
  KeyValueStore.prefix(store, "handle/").forSchema(BatchHandle)
)

const handleOf = (id: string) =>
  Effect.gen(function* () {
    const store = yield* handles
    const found = yield* Effect.mapError(store.get(id), asCommandError)
    return yield* Option.match(found, {
      onNone: () => usageError(`no batch ${id} was submitted with this --store; submit it first`),
      onSome: Effect.succeed
    })
  })

const printStatus = (status: BatchStatus) => printLine(JSON.stringify(status))

/** One JSON object per line: the answer with its usage and cost, or the error. */
const printResult = ({ id, result }: BatchResult) =>
  printLine(
    JSON.stringify(
      Either.match(result, {
        onLeft: (error) => ({ id, error: { type: error._tag, message: error.message } }),
        onRight: ({ content, toolCalls, finishReason, usage, cost, model }) => ({
          id,
          content,
          ...(toolCalls.length === 0 ? {} : { toolCalls }),
          finishReason,
          usage,
          cost,
          model
        })
      })
    )
  )

/** Runs batches. */
export const batch: Command = defineCommand({
  name: "batch",
  paragraphs: [
    "OpenAI, Anthropic and Google run requests that can wait for up to 24 hours at half the price. submit sends the " +
      "requests once, also if it is stopped and started again with the same id and the same file. results waits until " +
      "the batch has ended, and writes one JSON object per request, in any order. status, results and cancel ask the " +
      "provider to which the batch was submitted."
  ],
  options,
  operandUsage: "submit|status|results|cancel <id>",
  examples: [
    ["llm-connectivity batch submit haiku -m openai/gpt-4o-mini -f requests.jsonl", ""],
    ["llm-connectivity batch results haiku > results.jsonl", ""]
  ],
  run
})
