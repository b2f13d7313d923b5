/** The commands, in the order in which they are listed. */
import type { Command } from "./Command.js"
import { chat } from "./chat/command.js"
import { cost } from "./cost/command.js"
import { models } from "./models/command.js"
import { simulate } from "./simulate/command.js"
import { tokens } from "./tokens/command.js"

/** Every command. */
export const commands: ReadonlyArray<Command> = [chat, models, tokens, cost, simulate]
