/** The embeddings of a provider, whose code is loaded at the first of them: who only chats bundles none. */
import type { HttpClient } from "@effect/platform"
import { Effect } from "effect"
import type { EmbeddingProtocol } from "../protocol/EmbeddingProtocol.js"
import type { Connection } from "./Endpoint.js"
import type { CallOptions, Embed } from "./Provider.js"

const loaded = Effect.promise(() => import("./embedder.js"))

/** Makes the embeddings of a protocol, an address and a client. */
export const make = (protocol: EmbeddingProtocol, connection: Connection, client: HttpClient.HttpClient): Embed => {
  const embed: (...asked: Parameters<Embed>) => ReturnType<Embed> = (request, options?: CallOptions) =>
    Effect.flatMap(loaded, ({ embedder }) => embedder(protocol, connection, client)(request, options))
  return Object.assign(embed, { batchSize: protocol.batchSize })
}
