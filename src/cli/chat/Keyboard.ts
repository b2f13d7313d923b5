/** What a person types in a conversation, line by line, while it is their turn; and Ctrl-C at any time. */
import { createInterface, type Interface } from "node:readline"
import { Writable } from "node:stream"
import { Effect, type Scope } from "effect"

/** What was typed: something, Ctrl-C with nothing or with something on the line, or Ctrl-D. */
export type Typed =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "interrupt"; readonly hadText: boolean }
  | { readonly type: "end" }

/** A keyboard. */
export interface Keyboard {
  /** Shows the prompt and waits for what is typed; several lines that are pasted at once are one text. */
  readonly next: Effect.Effect<Typed>
  /** Waits for Ctrl-C while an answer is shown; what else is typed is kept for the next prompt. */
  readonly interrupted: Effect.Effect<void>
}

/** Opens the keyboard of a terminal, and gives it back when the scope closes. */
export const open = (screen: NodeJS.WriteStream, prompt: string): Effect.Effect<Keyboard, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const echo = new Echo(screen)
        const lines = createInterface({ input: process.stdin, output: echo, terminal: true, prompt, historySize: 1000 })
        return { echo, lines, typist: new Typist(lines, screen) }
      }),
      ({ lines }) => Effect.sync(() => lines.close())
    ),
    ({ echo, lines, typist }) => ({
      next: Effect.suspend(() => {
        echo.isMuted = false
        if (!typist.isAtEnd) lines.prompt(true)
        return typist.take
      }).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            echo.isMuted = true
          })
        )
      ),
      interrupted: Effect.async((resume) => {
        const stop = (): void => resume(Effect.void)
        lines.once("SIGINT", stop)
        return Effect.sync(() => lines.off("SIGINT", stop))
      })
    })
  )

/** Shows what is typed, but not in the midst of an answer. */
class Echo extends Writable {
  isMuted = true

  constructor(private readonly screen: NodeJS.WriteStream) {
    super()
    screen.on("resize", () => this.emit("resize"))
  }

  /** Where readline looks for the width, to know when a long line goes on in the next row. */
  get columns(): number {
    return this.screen.columns
  }

  override _write(piece: Buffer | string, _: BufferEncoding, done: () => void): void {
    if (!this.isMuted) this.screen.write(piece)
    done()
  }
}

/** Turns the events of readline into what was typed. */
class Typist {
  isAtEnd = false
  private readonly ready: Array<Typed> = []
  private waiting: ((typed: Typed) => void) | undefined
  private pasted: Array<string> = []

  constructor(
    private readonly lines: Interface,
    screen: NodeJS.WriteStream
  ) {
    lines.on("line", (line) => this.add(line))
    lines.on("close", () => {
      this.isAtEnd = true
      if (this.waiting !== undefined) screen.write("\n")
      this.say({ type: "end" })
    })
    lines.on("SIGINT", () => {
      if (this.waiting === undefined) return
      const hadText = this.lines.line !== ""
      // To the end of the line, and then back over all of it.
      this.lines.write(null, { ctrl: true, name: "e" })
      this.lines.write(null, { ctrl: true, name: "u" })
      screen.write("\n")
      this.say({ type: "interrupt", hadText })
    })
  }

  /** Waits for the next. */
  readonly take: Effect.Effect<Typed> = Effect.async((resume) => {
    const typed = this.ready.shift()
    if (typed !== undefined) return resume(Effect.succeed(typed))
    if (this.isAtEnd) return resume(Effect.succeed({ type: "end" }))
    this.waiting = (next) => resume(Effect.succeed(next))
    return Effect.sync(() => {
      this.waiting = undefined
    })
  })

  /** Lines that come in one read were pasted. */
  private add(line: string): void {
    if (this.pasted.push(line) > 1) return
    setImmediate(() => {
      this.say({ type: "text", text: this.pasted.join("\n") })
      this.pasted = []
    })
  }

  private say(typed: Typed): void {
    const { waiting } = this
    this.waiting = undefined
    if (waiting === undefined) this.ready.push(typed)
    else waiting(typed)
  }
}
