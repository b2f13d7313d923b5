/** Applies faults to the plan of a response. */
import * as Duration from "effect/Duration"
import { errorOf } from "../../../protocol/serve/ServedError.js"
import type { WireFormat } from "../../../protocol/serve/WireFormat.js"
import * as Plan from "../Plan.js"
import type { Fault, Position } from "./Fault.js"

/** The context of a fault. */
export interface FaultContext {
  readonly wire: WireFormat
  readonly model: string
  readonly otherUrl: string
  readonly path: string
  readonly gzip: (bytes: Uint8Array) => Uint8Array
}

/** Applies a fault to a plan. */
export const applyFault = (plan: Plan.Plan, fault: Fault, context: FaultContext): Plan.Plan => {
  switch (fault.type) {
    case "refuse":
    case "resetBeforeHeaders":
      return { ...plan, head: undefined, body: [], ending: "reset" }
    case "slowHeaders":
      return { ...plan, delayMillis: plan.delayMillis + Duration.toMillis(fault.delay) }
    case "slowFirstContent":
      return inserted(plan, { afterChunks: 0 }, [Plan.wait(fault.delay)])
    case "stall":
      return { ...plan, body: Plan.split(plan.body, fault)[0], ending: "open" }
    case "reset":
      return { ...plan, body: Plan.split(plan.body, fault)[0], ending: "reset" }
    case "truncate":
      return { ...Plan.withoutLength(plan), body: Plan.split(plan.body, fault)[0] }
    case "cutCharacter":
      return {
        ...Plan.withoutLength(plan),
        body: cutInCharacter(plan.body, fault),
        ending: fault.ending === "reset" ? "reset" : "end"
      }
    case "malformedEvent":
      return inserted(plan, fault, [Plan.write('data: {"simulated": "no JSON"\n\n')])
    case "errorEvent": {
      const event = context.wire.errorEvent(errorOf(fault.error ?? "overloaded"), context.model)
      return { ...Plan.withoutLength(plan), body: [...Plan.split(plan.body, fault)[0], Plan.write(event)] }
    }
    default:
      return applyToResponse(plan, fault, context)
  }
}

/** The faults that have no position. */
const applyToResponse = (
  plan: Plan.Plan,
  fault: Exclude<Fault, Position | { type: "refuse" | "resetBeforeHeaders" | "slowHeaders" | "slowFirstContent" }>,
  context: FaultContext
): Plan.Plan => {
  switch (fault.type) {
    case "trickle":
      return { ...plan, body: plan.body.flatMap((step) => bytewise(step, fault.delay ?? 1)) }
    case "wrongContentType":
      return Plan.withHeaders(plan, { "content-type": fault.contentType ?? "text/plain" })
    case "page":
      return Plan.sent(fault.status ?? 200, "text/html; charset=utf-8", page)
    case "emptyBody":
      return Plan.withHeaders({ ...plan, body: [] }, { "content-length": "0" })
    case "redirect": {
      const location = fault.location ?? `${context.otherUrl}${context.path}`
      return Plan.withHeaders(Plan.sent(fault.status ?? 307, "text/plain", ""), { location })
    }
    case "gzip":
      return compressed(plan, context.gzip)
    case "endlessEvent":
      return endlessEvent(plan)
    case "endlessStream":
      return endlessStream(plan)
    case "noise":
      return { ...plan, body: plan.body.flatMap((step) => [...noiseOf(step, context.wire), step]) }
    case "duplicateFinish":
      return { ...plan, body: plan.body.flatMap((step) => (Plan.isPart(step, "finish") ? [step, step] : [step])) }
    case "linger":
      return { ...Plan.withoutLength(plan), ending: "open" }
    case "resetOnReuse":
      return { ...plan, isResetOnReuse: true }
  }
}

/** Sends a keep-alive at this interval in every pause, and endlessly if the connection stays open at the end. */
export const withKeepAlive = (plan: Plan.Plan, every: Duration.DurationInput, wire: WireFormat): Plan.Plan => {
  const pause = Plan.wait(every)
  if (pause.millis <= 0 || plan.head === undefined) return plan
  const keepAlive = Plan.write(wire.keepAlive)
  const body = plan.body.flatMap((step): ReadonlyArray<Plan.Step> => {
    if (step.type !== "wait") return [step]
    const times = Math.ceil(step.millis / pause.millis) - 1
    const rest = { ...step, millis: step.millis - times * pause.millis }
    return [...Array.from({ length: times }, () => [pause, keepAlive]).flat(), rest]
  })
  const isOpen = plan.ending === "open"
  return { ...plan, body: isOpen ? [...body, { type: "repeat", steps: [pause, keepAlive] }] : body }
}

const inserted = (plan: Plan.Plan, position: Position, steps: ReadonlyArray<Plan.Step>): Plan.Plan => {
  const [before, after] = Plan.split(plan.body, position)
  return { ...Plan.withoutLength(plan), body: [...before, ...steps, ...after] }
}

const firstMultiByte = (bytes: Uint8Array): number => bytes.findIndex((byte) => byte >= 0xc0)

/** Ends the body after the first byte of a multi-byte character; if none follows, inserts the start of one. */
const cutInCharacter = (body: ReadonlyArray<Plan.Step>, position: Position): ReadonlyArray<Plan.Step> => {
  const [before, after] = Plan.split(body, position)
  const writes = after.filter((step) => step.type === "write")
  const index = writes.findIndex((step) => firstMultiByte(step.bytes) !== -1)
  const found = writes[index]
  if (found !== undefined) {
    const bytes = found.bytes.slice(0, firstMultiByte(found.bytes) + 1)
    return [...before, ...writes.slice(0, index), { ...found, bytes, part: "framing" }]
  }
  const next = writes[0]?.bytes ?? new Uint8Array()
  // The first two bytes of the three of a euro sign.
  const bytes = new Uint8Array([...next.slice(0, Math.floor(next.length / 2)), 0xe2, 0x82])
  return [...before, { type: "write", bytes, part: "framing" }]
}

const bytewise = (step: Plan.Step, delay: Duration.DurationInput): ReadonlyArray<Plan.Step> => {
  if (step.type !== "write") return [step]
  return Array.from(step.bytes, (byte, index): ReadonlyArray<Plan.Step> => {
    const part = index === step.bytes.length - 1 ? step.part : "framing"
    return [{ type: "write", bytes: Uint8Array.of(byte), part }, Plan.wait(delay)]
  }).flat()
}

const page = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"

const compressed = (plan: Plan.Plan, gzip: FaultContext["gzip"]): Plan.Plan => {
  const writes = plan.body.filter((step) => step.type === "write")
  const bytes = gzip(Uint8Array.from(writes.flatMap((step) => Array.from(step.bytes))))
  const headed = Plan.withHeaders(Plan.withoutLength(plan), { "content-encoding": "gzip" })
  return { ...headed, body: [{ type: "write", bytes, part: "finish" }] }
}

const endlessEvent = (plan: Plan.Plan): Plan.Plan => {
  const more = Plan.write("x".repeat(16 * 1024))
  const [opening] = Plan.split(plan.body, { afterChunks: 0 })
  return {
    ...Plan.withoutLength(plan),
    body: [...opening, Plan.write('data: {"simulated":"'), { type: "repeat", steps: [more] }]
  }
}

const endlessStream = (plan: Plan.Plan): Plan.Plan => {
  const [opening, rest] = Plan.split(plan.body, { afterChunks: 0 })
  const isPause = (step: Plan.Step): boolean => step.type === "wait"
  const steps = rest
    .filter((step) => step.type !== "repeat")
    .filter((step) => Plan.isPart(step, "delta") || isPause(step))
  return steps.length === 0 ? plan : { ...Plan.withoutLength(plan), body: [...opening, { type: "repeat", steps }] }
}

const noiseOf = (step: Plan.Step, wire: WireFormat): ReadonlyArray<Plan.Step> =>
  step.type === "write" ? [Plan.write(": noise\n\n"), Plan.write(wire.keepAlive), Plan.write(wire.unknownEvent)] : []
