/** Tools that run: their description for the model, the decoding of their arguments, and their execution. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { ToolDefinition } from "../domain/ChatRequest.js"
import type { CacheMark } from "../domain/ContentPart.js"
import { HostedTool, type HostedTools } from "../domain/HostedTool.js"
import type { JsonObject } from "../http/Json.js"
import type { Approvals } from "./approvals/Approvals.js"
import type { CallContext, LoopCall } from "./LoopCall.js"
import { type ArgumentsOf, codecOf, type ToolParameters } from "./ToolParameters.js"
import { failureEncoder, successEncoder, type ToolOutcome, type ToolResult } from "./ToolResult.js"

/**
 * A tool, ready for a loop. `E` and `R` are the errors and the context of its `execute`. `Tool.make` makes one; other
 * sources of tools implement this interface.
 */
export interface Tool<Name extends string = string, E = never, R = never> {
  /** The name that the model uses. */
  readonly name: Name
  /** The definition that is sent to the model, or a sentence that says why the parameters have no JSON Schema. */
  readonly definition: Effect.Effect<ToolDefinition, string>
  /** Decodes arguments; the error tells the model where they are wrong and what is expected. */
  readonly decode: (json: JsonObject) => Effect.Effect<unknown, string>
  /** Decides whether a call must be approved before it runs. */
  readonly needsApproval: (args: unknown, call: LoopCall) => Effect.Effect<boolean, never, R>
  /** Runs a call with decoded arguments. Missing where the caller of the loop runs the calls. */
  readonly execute?: ((args: unknown, call: CallContext) => Effect.Effect<ToolOutcome, E, R>) | undefined
  /** How long a call may take. The model is told when it took longer. */
  readonly timeout?: Duration.DurationInput | undefined
}

/** Any tool. */
export type AnyTool = Tool<string, unknown, unknown>

/** How a tool's failures are handled: `error` fails the loop, `return` sends them to the model. */
export type FailureMode = "error" | "return"

/** Stands for the context of a `needsApproval` that is not a function. */
interface NoFunction {
  /** Distinguishes this type from every context. */
  readonly "llm-connectivity/Tool/NoFunction": never
}

/** The options of `Tool.make`. */
export interface ToolOptions<
  Parameters extends ToolParameters,
  Success extends Schema.Schema.AnyNoContext,
  Failure extends Schema.Schema.AnyNoContext,
  Mode extends FailureMode,
  Approval extends boolean,
  ApprovalR,
  E,
  R
> {
  /** Tells the model what the tool does and when to call it. */
  readonly description?: string | undefined
  /** The parameters: fields, a schema or a JSON Schema; none by default. */
  readonly parameters?: Parameters | undefined
  /** The schema of the results, which the model gets as JSON. Without it, a tool returns text, images, files or nothing. */
  readonly success?: Success | undefined
  /** The schema of the failures that `failureMode: "return"` tells the model. Without it, the model is told their message. */
  readonly failure?: Failure | undefined
  /** How failures are handled; `error` by default. */
  readonly failureMode?: Mode | undefined
  /** Whether calls must be approved before they run, or a function that decides for each call; `false` by default. */
  readonly needsApproval?:
    | Approval
    | ((args: ArgumentsOf<Parameters>, call: LoopCall) => Effect.Effect<boolean, never, ApprovalR>)
    | undefined
  /**
   * How long a call may take, without a limit by default. The model is told when it took longer. Time in which `progress`
   * waits for a slow reader of the loop does not count.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** Ends a prefix to cache: this tool and those before it. */
  readonly cache?: CacheMark | undefined
  /** Runs a call. Without it, the loop ends with the calls of this tool, which the caller runs. */
  readonly execute?:
    | ((args: ArgumentsOf<Parameters>, call: CallContext) => Effect.Effect<Schema.Schema.Type<Success>, E, R>)
    | undefined
}

/** The context that approvals need. */
type ApprovalContext<Approval, ApprovalR> = [NoFunction] extends [ApprovalR]
  ? Approval extends false
    ? never
    : Approvals
  : Approvals | ApprovalR

/** Makes a tool. */
export interface MakeTool {
  /** Makes a tool from its name and options. */
  // biome-ignore lint/style/useShorthandFunctionType: editors show this type by its name.
  <
    const Name extends string,
    // biome-ignore lint/complexity/noBannedTypes: no fields.
    const Parameters extends ToolParameters = {},
    Success extends Schema.Schema.AnyNoContext = Schema.Schema<ToolResult>,
    Failure extends Schema.Schema.AnyNoContext = Schema.Schema<unknown>,
    Mode extends FailureMode = "error",
    Approval extends boolean = false,
    ApprovalR = NoFunction,
    E = never,
    R = never
  >(
    name: Name,
    options: ToolOptions<Parameters, Success, Failure, Mode, Approval, ApprovalR, E, R>
  ): Tool<
    Name,
    Mode extends "return" ? Exclude<E, Schema.Schema.Type<Failure>> : E,
    R | ApprovalContext<Approval, ApprovalR>
  >
}

/** The options without the types that connect them. */
interface ErasedOptions
  extends Pick<AnyOptions, "description" | "parameters" | "success" | "failure" | "failureMode" | "timeout" | "cache"> {
  readonly needsApproval?: boolean | AnyTool["needsApproval"] | undefined
  readonly execute?: ((args: unknown, call: CallContext) => Effect.Effect<unknown, unknown, unknown>) | undefined
}

type AnyOptions = ToolOptions<
  ToolParameters,
  Schema.Schema.AnyNoContext,
  Schema.Schema.AnyNoContext,
  FailureMode,
  boolean,
  unknown,
  unknown,
  unknown
>

const makeErased = (name: string, options: ErasedOptions): AnyTool => {
  const { description, parameters = {}, cache, needsApproval = false, execute, timeout } = options
  const { jsonSchema, decode } = codecOf(parameters, name)
  return {
    name,
    definition: Effect.map(jsonSchema, (json) => ({
      name,
      parameters: json,
      ...(description === undefined ? {} : { description }),
      ...(cache === undefined ? {} : { cache })
    })),
    decode,
    needsApproval: typeof needsApproval === "function" ? needsApproval : () => Effect.succeed(needsApproval),
    execute: execute && executing(execute, options),
    timeout
  }
}

const executing = (
  execute: NonNullable<ErasedOptions["execute"]>,
  { success, failure, failureMode }: ErasedOptions
): NonNullable<AnyTool["execute"]> => {
  const encodeSuccess = successEncoder(success)
  const run = (args: unknown, call: CallContext) =>
    Effect.flatMap(
      Effect.suspend(() => {
        const running = execute(args, call)
        return Effect.isEffect(running) ? running : Effect.dieMessage(notAnEffect(call.name))
      }),
      encodeSuccess
    )
  if (failureMode !== "return") return run
  const encodeFailure = failureEncoder(failure)
  return (args, call) =>
    Effect.catchAll(
      run(args, call),
      (error): Effect.Effect<ToolOutcome, unknown> => encodeFailure(error) ?? Effect.fail(error)
    )
}

// For programs in JavaScript; the compiler rejects this in TypeScript.
const notAnEffect = (name: string): string =>
  `the execute of the tool ${name} must return an Effect; wrap a promise as Effect.tryPromise(() => …)`

// The options are connected by type parameters that the implementation does not need.
const make = makeErased as MakeTool

/** Makes tools. */
export const Tool: {
  /**
   * Makes a tool. The model's arguments are decoded by `parameters` before `execute` runs, and what does not fit goes back
   * to the model. `execute` gets the call's id, which is stable across retries, as an idempotency key. Its failures fail
   * the loop, unless `failureMode` is `return`: then the model is told those that fit the `failure` schema, and they leave
   * the type.
   *
   * ```ts
   * const weather = Tool.make("weather", {
   *   description: "Returns the weather of a city",
   *   parameters: { city: Schema.String },
   *   success: Schema.Struct({ celsius: Schema.Number }),
   *   execute: ({ city }) => Effect.succeed({ celsius: city.length })
   * })
   * ```
   */
  readonly make: MakeTool
  /** Makes tools that the provider runs itself: `Tool.hosted.webSearch()`. The same as `HostedTool`. */
  readonly hosted: HostedTools
} = { make, hosted: HostedTool }
