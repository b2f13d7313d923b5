/** The cost of Effect alone: the work of the baseline in a Stream of one recursive Channel, over fetch or undici. */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { post, readings, Splitter } from "./requests.mjs"

/** @returns {Promise<import("./index.mjs").ReadResponse>} */
export const open = async (origin, wire, variant) => {
  const reading = readings[wire]
  const openBody = variant === "fetch" ? overFetch(origin, reading) : await overUndici(origin, reading)
  const runtime = ManagedRuntime.make(Layer.empty)
  return (plan, onDelta) =>
    runtime.runPromise(
      Stream.runForEachChunk(responseStream(openBody, reading, plan), (chunks) => {
        for (const chunk of chunks) if (chunk.content) onDelta()
        return Effect.void
      })
    )
}

const responseStream = (openBody, reading, plan) =>
  Stream.fromChannel(
    Channel.unwrap(
      Effect.map(
        Effect.promise(() => openBody(plan)),
        (next) => {
          const splitter = new Splitter()
          const read = Effect.async((resume) => {
            next((bytes) => resume(Effect.succeed(bytes)))
          })
          const loop = Channel.flatMap(Channel.fromEffect(read), (bytes) => {
            if (bytes === undefined) return Channel.void
            const chunks = []
            splitter.push(bytes, (event) => chunks.push({ content: reading.textOf(event) ?? "" }))
            return Channel.flatMap(Channel.write(Chunk.unsafeFromArray(chunks)), () => loop)
          })
          return loop
        }
      )
    )
  )

const overFetch = (origin, reading) => async (plan) => {
  const reader = (await post(origin, reading, plan)).body.getReader()
  return (onBytes) => reader.read().then(({ done, value }) => onBytes(done ? undefined : value))
}

const overUndici = async (origin, reading) => {
  const { Undici } = await import("@effect/platform-node")
  const agent = new Undici.Agent()
  return async (plan) => {
    const { body } = await agent.request({
      origin,
      path: reading.path(plan),
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: plan, stream: true })
    })
    let wake
    const onEvent = () => {
      const waiting = wake
      wake = undefined
      waiting?.()
    }
    body.on("readable", onEvent)
    body.on("end", onEvent)
    const next = (onBytes) => {
      const bytes = body.read()
      if (bytes !== null) onBytes(bytes)
      else if (body.readableEnded) onBytes(undefined)
      else wake = () => next(onBytes)
    }
    return next
  }
}
