/** Talks: a person's turn, the model's turn, and so on until the person leaves. */
import { Effect, type Scope } from "effect"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { ChatFold } from "../../domain/ChatResponse.js"
import type { ContentPart } from "../../domain/ContentPart.js"
import type { Message } from "../../domain/Message.js"
import type { ModelId } from "../../domain/ModelId.js"
import { styleOf } from "../../output/progress/Terminal.js"
import { checked } from "../Model.js"
import { complain, tell } from "../Output.js"
import { problemOf } from "../Problem.js"
import { didYouMean } from "../Suggestion.js"
import { answerAsText } from "./Answer.js"
import { type Answering, open } from "./Answering.js"
import { joined } from "./Content.js"
import * as Keyboard from "./Keyboard.js"
import type { ChatOptions } from "./options.js"

/** How a conversation begins. */
export interface Beginning {
  readonly answering: Answering
  readonly client: LLMClientService
  /** The settings and the system's message. */
  readonly begun: ChatRequest
  /** What is sent along with the first prompt. */
  readonly files: ReadonlyArray<ContentPart>
  readonly options: ChatOptions
}

/** Talks until the person leaves. */
export const talk = (beginning: Beginning): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    // Not the standard output where that goes to a file, which is to have the answers alone.
    const screen = process.stderr.isTTY ? process.stderr : process.stdout
    const style = styleOf(screen)
    yield* tell(style.dim(`${beginning.answering.model} · /help for what can be typed, Ctrl-D to leave`))
    const keyboard = yield* Keyboard.open(screen, style.cyan("> "))
    yield* new Conversation(beginning, keyboard).run
  })

const help = `/model provider/model  ask another model from here on
/model                 say which model is asked
/clear                 forget what was said
/exit                  leave, as does Ctrl-D
Ctrl-C stops an answer; what has come of it is remembered.
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
    private readonly beginning: Beginning,
    private readonly keyboard: Keyboard.Keyboard
  ) {
    this.model = beginning.answering.model
    this.client = beginning.client
    this.messages = beginning.begun.messages
    this.files = beginning.files
  }

  /** Goes on until the person leaves. */
  readonly run: Step = Effect.suspend(() =>
    Effect.whileLoop({
      while: () => !this.isOver,
      body: () => Effect.flatMap(this.keyboard.next, (typed) => this.take(typed)),
      step: () => {}
    })
  )

  private take(typed: Keyboard.Typed): Step {
    const wasWarned = this.isWarned
    this.isWarned = typed.type === "interrupt" && !typed.hadText
    if (typed.type === "end") return this.leave
    if (typed.type === "text") return this.read(typed.text.trim())
    if (!this.isWarned) return Effect.void
    return wasWarned ? Effect.interrupt : tell("(Ctrl-C again or Ctrl-D leaves)")
  }

  private read(text: string): Step {
    // A path begins with a slash as well.
    const [, command, rest = ""] = /^\/([a-z]+)(?:\s+(.*))?$/i.exec(text) ?? []
    if (command !== undefined) return this.obey(command, rest.trim())
    return text === "" ? Effect.void : this.ask(text)
  }

  private obey(command: string, rest: string): Step {
    const known: { readonly [name: string]: () => Step } = {
      help: () => tell(help),
      model: () => (rest === "" ? tell(this.model) : this.change(rest)),
      clear: () => this.clear,
      exit: () => this.leave,
      quit: () => this.leave
    }
    const names = Object.keys(known).map((name) => `/${name}`)
    return known[command]?.() ?? complain(`there is no /${command}${didYouMean(`/${command}`, names)}`)
  }

  private readonly leave: Step = Effect.sync(() => {
    this.isOver = true
  })

  private readonly clear: Step = Effect.suspend(() => {
    this.messages = this.beginning.begun.messages
    this.files = this.beginning.files
    return tell("(forgotten)")
  })

  private change(model: ModelId): Step {
    return checked(model).pipe(
      Effect.flatMap(() => open({ ...this.beginning.answering, model }, this.beginning.options.fallbacks)),
      Effect.flatMap((client) => {
        this.client = client
        this.model = model
        return tell(`(from here on: ${model})`)
      }),
      Effect.catchAll((failure) => complain(problemOf(failure).message))
    )
  }

  /** Asks, and remembers as much of the answer as has come, be it stopped or broken off; nothing where nothing has. */
  private ask(text: string): Step {
    return Effect.gen(this, function* () {
      const asked: ReadonlyArray<Message> = [
        ...this.messages,
        { role: "user", content: joined([...this.files, { type: "text", text }]) }
      ]
      const { model, client } = this
      const fold = new ChatFold()
      const request = { ...this.beginning.begun, messages: asked }
      const wantsStats = this.beginning.options.stats
      const answer = answerAsText({ client, model, request, wantsStats, onChunk: (chunk) => fold.add(chunk) })
      yield* Effect.raceFirst(
        Effect.as(answer, Effect.void),
        Effect.as(this.keyboard.interrupted, tell("(stopped)"))
      ).pipe(
        Effect.flatten,
        Effect.catchAll((error) => complain(problemOf(error).message))
      )
      const { content } = fold.partial()
      const message = fold.response()?.message ?? (content === "" ? undefined : { role: "assistant" as const, content })
      if (message === undefined) return
      this.messages = [...asked, message]
      this.files = []
    })
  }
}
