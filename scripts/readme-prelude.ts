/** What parts of programs in the README take for granted: they stand in an `Effect.gen` of a program that has these. */
import { Schema } from "effect"
import type { Message } from "llm-connectivity"

/** A conversation so far. */
export const messages: ReadonlyArray<Message> = [{ role: "user", content: "Where is it warm in November?" }]

/** What the arguments of a tool look like. */
export const Weather = Schema.Struct({ city: Schema.String })
