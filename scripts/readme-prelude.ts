/** Names that the program fragments in the README use without declaring them. */
import { Schema } from "effect"
import type { Message } from "llm-connectivity"

/** A conversation. */
export const messages: ReadonlyArray<Message> = [{ role: "user", content: "Where is it warm in November?" }]

/** The arguments of a tool. */
export const Weather = Schema.Struct({ city: Schema.String })

/** The secret of approvals. */
export declare const secret: string

export declare const prompts: ReadonlyArray<string>
