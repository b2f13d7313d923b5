/** The command `serve`: a gateway that a file describes. */
import { readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { isLoopback } from "../../http/loopback.js"
import { type Command, defineCommand } from "../Command.js"
import { CommandError, type CommandFailure, exitCodes, usageError } from "../CommandError.js"
import * as Options from "../Options.js"
import { printNotice } from "../Output.js"
import { type GatewayConfig, parseConfig } from "./GatewayConfig.js"
import { listen } from "./listen.js"

const options = {
  config: Options.text({ name: "config", short: "c", value: "file", help: "The file; gateway.json by default" }),
  port: Options.integer({ name: "port", value: "n", help: "The port, instead of that of the file" }, 0, 65_535)
}

type ServeOptions = Options.OptionValues<typeof options>

const run = ({ config: path = "gateway.json", port: wanted }: ServeOptions): Effect.Effect<void, CommandFailure> =>
  Effect.gen(function* () {
    const config = yield* readConfig(path)
    const { host = "127.0.0.1", allowAnyone = false } = config
    if (allowAnyone && !isLoopback(host))
      return yield* usageError(`${path}: allowAnyone needs the host 127.0.0.1; give callers keys to serve on ${host}`)
    const port = yield* listen({ ...config, host, port: wanted ?? config.port ?? 4000 })
    const address = `http://${host.includes(":") ? `[${host}]` : host}:${port}/v1`
    yield* printNotice(`Serving ${Object.keys(config.models).join(", ")} at ${address}; Ctrl-C stops the server.`)
    yield* printNotice(
      allowAnyone
        ? `Every program on this machine may call: OPENAI_BASE_URL=${address} OPENAI_API_KEY=any`
        : `Callers need their keys: OPENAI_BASE_URL=${address} OPENAI_API_KEY=…`
    )
    return yield* Effect.never
  }).pipe(
    Effect.scoped,
    // The standard output is for results.
    Effect.provide(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger)))
  )

const readConfig = (path: string): Effect.Effect<GatewayConfig, CommandError> =>
  Effect.gen(function* () {
    const content = yield* Effect.tryPromise({
      try: () => readFile(path, "utf8"),
      catch: () => usageError(`cannot read ${path}; write it, or name another file with --config`)
    })
    return yield* Effect.mapError(
      parseConfig(content),
      (problem) => new CommandError({ message: `${path}: ${problem}`, exitCode: exitCodes.usage })
    )
  })

/** Serves a gateway. */
export const serve: Command = defineCommand({
  name: "serve",
  paragraphs: [
    "The routes are /v1/chat/completions, /v1/responses, /v1/embeddings and /v1/models. The file has models by the names that callers " +
      'use, and callers with the variables of their keys: { "models": { "fast": "anthropic/claude-haiku-4-5" }, ' +
      '"callers": [{ "name": "ada", "keyVariable": "ADA_KEY" }] }. With "allowAnyone": true instead of callers, every ' +
      "program on this machine may call. The keys of the providers are read from their own variables."
  ],
  options,
  examples: [
    ["llm-connectivity serve --config gateway.json", ""],
    ["OPENAI_BASE_URL=http://127.0.0.1:4000/v1 OPENAI_API_KEY=… node app.js", "Use it from a program"]
  ],
  run
})
