/** Reads what the user types in a conversation: lines at the prompt, and Ctrl-C at any time. */
import { createInterface, type Interface } from "node:readline"
import { Writable } from "node:stream"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** What the user typed: a text, Ctrl-C (with or without text on the line), or Ctrl-D. */
export type KeyboardInput =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "interrupt"; readonly hadText: boolean }
  | { readonly type: "end" }

/** The keyboard of a conversation. */
export interface Keyboard {
  /** Shows the prompt and waits for input. Lines pasted at once are one text. */
  readonly next: Effect.Effect<KeyboardInput>
  /** Waits for Ctrl-C while a response streams. Other input stays for the next prompt. */
  readonly interrupted: Effect.Effect<void>
}

/** Starts reading the terminal, until the scope closes. */
export const open = (screen: NodeJS.WriteStream, prompt: string): Effect.Effect<Keyboard, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const echo = new Echo(screen)
        const lines = createInterface({ input: process.stdin, output: echo, terminal: true, prompt, historySize: 1000 })
        return { echo, lines, queue: new InputQueue(lines, screen) }
      }),
      ({ lines }) => Effect.sync(() => lines.close())
    ),
    ({ echo, lines, queue }) => ({
      next: Effect.suspend(() => {
        echo.isMuted = false
        if (!queue.isAtEnd) lines.prompt(true)
        return queue.take
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

/** Echoes typed text, except while a response streams. */
class Echo extends Writable {
  isMuted = true

  constructor(private readonly screen: NodeJS.WriteStream) {
    super()
    screen.on("resize", () => this.emit("resize"))
  }

  /** Readline reads the width here, to wrap long lines. */
  get columns(): number {
    return this.screen.columns
  }

  override _write(text: Buffer | string, _: BufferEncoding, done: () => void): void {
    if (!this.isMuted) this.screen.write(text)
    done()
  }
}

/** Queues input from readline until the conversation takes it. */
class InputQueue {
  isAtEnd = false
  private readonly ready: Array<KeyboardInput> = []
  private waiting: ((input: KeyboardInput) => void) | undefined
  private pasted: Array<string> = []

  constructor(
    private readonly lines: Interface,
    screen: NodeJS.WriteStream
  ) {
    lines.on("line", (line) => this.add(line))
    lines.on("close", () => {
      this.isAtEnd = true
      if (this.waiting !== undefined) screen.write("\n")
      this.offer({ type: "end" })
    })
    lines.on("SIGINT", () => {
      if (this.waiting === undefined) return
      const hadText = this.lines.line !== ""
      // Ctrl-E moves to the end of the line, Ctrl-U deletes back to its start.
      this.lines.write(null, { ctrl: true, name: "e" })
      this.lines.write(null, { ctrl: true, name: "u" })
      screen.write("\n")
      this.offer({ type: "interrupt", hadText })
    })
  }

  /** Waits for the next input. */
  readonly take: Effect.Effect<KeyboardInput> = Effect.async((resume) => {
    const input = this.ready.shift()
    if (input !== undefined) return resume(Effect.succeed(input))
    if (this.isAtEnd) return resume(Effect.succeed({ type: "end" }))
    this.waiting = (next) => resume(Effect.succeed(next))
    return Effect.sync(() => {
      this.waiting = undefined
    })
  })

  /** Lines that arrive in the same read were pasted. */
  private add(line: string): void {
    if (this.pasted.push(line) > 1) return
    setImmediate(() => {
      this.offer({ type: "text", text: this.pasted.join("\n") })
      this.pasted = []
    })
  }

  private offer(input: KeyboardInput): void {
    const { waiting } = this
    this.waiting = undefined
    if (waiting === undefined) this.ready.push(input)
    else waiting(input)
  }
}
