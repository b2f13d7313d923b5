/**
 * The cost of Effect alone: the work of the baseline in a Stream of one recursive Channel, or in a loop without a Stream,
 * over fetch or undici.
 */
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
  const [client, reader = "chunks"] = variant.split(" ")
  const openBody = client === "fetch" ? overFetch(origin, reading) : await overUndici(origin, reading)
  const runtime = ManagedRuntime.make(Layer.empty)
  return (plan, onDelta) =>
    runtime.runPromise(
      readers[reader](
        Effect.map(
          Effect.promise(() => openBody(plan)),
          (next) => pullOf(next, reading)
        ),
        (chunk) => {
          if (chunk.content) onDelta()
        }
      )
    )
}

/** The ways to read the chunks of a response. */
const readers = {
  chunks: (opening, onChunk) =>
    Stream.runForEachChunk(streamOf(opening), (chunks) => {
      for (const chunk of chunks) onChunk(chunk)
      return Effect.void
    }),
  each: (opening, onChunk) =>
    Stream.runForEach(streamOf(opening), (chunk) => {
      onChunk(chunk)
      return Effect.void
    }),
  loop: (opening, onChunk) =>
    Effect.flatMap(opening, (pull) => {
      const loop = Effect.flatMap(pull, (chunks) => {
        for (const chunk of chunks ?? []) onChunk(chunk)
        return chunks === undefined ? Effect.void : loop
      })
      return loop
    })
}

/** The chunks of one read after the other; `undefined` at the end. */
const pullOf = (next, reading) => {
  const splitter = new Splitter()
  const chunksOf = (bytes) => {
    if (bytes === undefined) return undefined
    const chunks = []
    splitter.push(bytes, (event) => chunks.push({ content: reading.textOf(event) ?? "" }))
    return chunks
  }
  return Effect.async((resume) => {
    next((bytes) => resume(Effect.succeed(chunksOf(bytes))))
  })
}

const streamOf = (opening) =>
  Stream.fromChannel(
    Channel.unwrap(
      Effect.map(opening, (pull) => {
        const loop = Channel.flatMap(Channel.fromEffect(pull), (chunks) =>
          chunks === undefined
            ? Channel.void
            : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(chunks)), () => loop)
        )
        return loop
      })
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
