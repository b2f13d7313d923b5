/** A conversation: the user and the model take turns until the user leaves. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { ChatFold } from "../../domain/ChatResponse.js"
import type { ContentPart } from "../../domain/ContentPart.js"
import type { Message } from "../../domain/Message.js"
import type { ModelId } from "../../domain/ModelId.js"
import { styleOf } from "../../output/progress/Terminal.js"
import { toCommandError } from "../CommandError.js"
import { joinText } from "../Input.js"
import { checkModel } from "../Model.js"
import { printError, printNotice } from "../Output.js"
import { didYouMean } from "../Suggestion.js"
import { type ModelChoice, openClient } from "./Client.js"
import * as Keyboard from "./Keyboard.js"
import type { ChatOptions } from "./options.js"
import { printAsText } from "./Turn.js"

/** How a conversation starts. */
export interface Start {
  readonly choice: ModelChoice
  readonly client: LLMClientService
  /** The settings and the system message. */
  readonly baseRequest: ChatRequest
  /** Sent with the first prompt. */
  readonly files: ReadonlyArray<ContentPart>
  readonly options: ChatOptions
}

/** Runs a conversation until the user leaves. */
export const converse = (start: Start): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    // The standard output may go to a file, which should hold only the responses.
    const screen = process.stderr.isTTY ? process.stderr : process.stdout
    const style = styleOf(screen)
    yield* printNotice(style.dim(`${start.choice.model} · /help lists commands, Ctrl-D leaves`))
    const keyboard = yield* Keyboard.open(screen, style.cyan("> "))
    yield* new Conversation(start, keyboard).run
  })

const help = `/model provider/model  switch to another model
/model                 show the current model
/clear                 clear the conversation
/exit                  leave (also Ctrl-D)
Ctrl-C stops a response; the part that arrived stays in the conversation.
Several lines can be pasted at once.`

type Step = Effect.Effect<void, never, Scope.Scope>

class Conversation {
  private model: ModelId
  private client: LLMClientService
  private messages: ReadonlyArray<Message>
  private files: ReadonlyArray<ContentPart>
  private isOver = false
  private isWarned = false

  constructor(
    private readonly start: Start,
    private readonly keyboard: Keyboard.Keyboard
  ) {
    this.model = start.choice.model
    this.client = start.client
    this.messages = start.baseRequest.messages
    this.files = start.files
  }

  /** Takes turns until the user leaves. */
  readonly run: Step = Effect.suspend(() =>
    Effect.whileLoop({
      while: () => !this.isOver,
      body: () => Effect.flatMap(this.keyboard.next, (input) => this.handle(input)),
      step: () => {}
    })
  )

  private handle(input: Keyboard.KeyboardInput): Step {
    const wasWarned = this.isWarned
    this.isWarned = input.type === "interrupt" && !input.hadText
    if (input.type === "end") return this.leave
    if (input.type === "text") return this.handleText(input.text.trim())
    if (!this.isWarned) return Effect.void
    return wasWarned ? Effect.interrupt : printNotice("(press Ctrl-C again or Ctrl-D to leave)")
  }

  private handleText(text: string): Step {
    // Only a single word is a command: a prompt may begin with a path.
    const [, command, rest = ""] = /^\/([a-z]+)(?:\s+(.*))?$/i.exec(text) ?? []
    if (command !== undefined) return this.runCommand(command, rest.trim())
    return text === "" ? Effect.void : this.send(text)
  }

  private runCommand(command: string, rest: string): Step {
    const known: { readonly [name: string]: () => Step } = {
      help: () => printNotice(help),
      model: () => (rest === "" ? printNotice(this.model) : this.switchModel(rest)),
      clear: () => this.clear,
      exit: () => this.leave,
      quit: () => this.leave
    }
    const names = Object.keys(known).map((name) => `/${name}`)
    const run = Object.hasOwn(known, command) ? known[command] : undefined
    return run?.() ?? printError(`unknown command /${command}${didYouMean(`/${command}`, names)}`)
  }

  private readonly leave: Step = Effect.sync(() => {
    this.isOver = true
  })

  private readonly clear: Step = Effect.suspend(() => {
    this.messages = this.start.baseRequest.messages
    this.files = this.start.files
    return printNotice("(conversation cleared)")
  })

  private switchModel(model: ModelId): Step {
    return checkModel(model).pipe(
      Effect.flatMap(() => openClient({ ...this.start.choice, model }, this.start.options.fallbacks)),
      Effect.flatMap((client) => {
        this.client = client
        this.model = model
        return printNotice(`(switched to ${model})`)
      }),
      Effect.catchAll((failure) => printError(toCommandError(failure).message))
    )
  }

  /** Sends a prompt. A partial response stays in the conversation; a prompt without any response does not. */
  private send(text: string): Step {
    return Effect.gen(this, function* () {
      const messages: ReadonlyArray<Message> = [
        ...this.messages,
        { role: "user", content: joinText([...this.files, { type: "text", text }]) }
      ]
      const { model, client } = this
      const fold = new ChatFold()
      const request = { ...this.start.baseRequest, messages }
      const showsStats = this.start.options.stats
      const response = printAsText({ client, model, request, showsStats, onChunk: (chunk) => fold.add(chunk) })
      yield* Effect.raceFirst(
        Effect.as(response, Effect.void),
        Effect.as(this.keyboard.interrupted, printNotice("(stopped)"))
      ).pipe(
        Effect.flatten,
        Effect.catchAll((error) => printError(toCommandError(error).message))
      )
      const { content } = fold.partial()
      const message = fold.response()?.message ?? (content === "" ? undefined : { role: "assistant" as const, content })
      if (message === undefined) return
      this.messages = [...messages, message]
      this.files = []
    })
  }
}
