/** The background responses of OpenAI, which are kept: https://platform.openai.com/docs/guides/background */
import * as Either from "effect/Either"
import { isObject, type JsonObject, parseJson } from "../../../http/Json.js"
import { openAIResponses } from "../../../protocol/openai-responses/serve/response.js"
import type { RequestTarget, StreamEvent, SuccessResponse } from "../../../protocol/serve/WireFormat.js"
import { type Endpoint, endpointAt } from "../Endpoint.js"
import { queryOf } from "../Keys.js"

/** One response. Mutable, as it can be cancelled. */
interface KeptResponse {
  /** The response as it will be in the end. */
  body: JsonObject
  /** Missing where the response was not requested as a stream. */
  readonly events: ReadonlyArray<StreamEvent> | undefined
}

// OpenAI keeps them for about ten minutes.
const maxKept = 100

/** The state of all background responses. They are complete at once: only a stream takes its time. */
export class KeptResponses {
  private readonly kept = new Map<string, KeptResponse>()

  /** Finds what is served at a path, responses that are kept included. */
  endpointAt(method: string, path: string, headers: RequestTarget["headers"]): Endpoint | undefined {
    const [name = ""] = path.split("?")
    const [, id, action] = /^\/v1\/responses\/(resp_\w+)(?:\/(cancel))?$/.exec(name) ?? []
    if (id !== undefined && `${method} ${action}` === "GET undefined") return this.retrieval(id, queryOf(path))
    if (id !== undefined && `${method} ${action}` === "POST cancel") return this.cancellation(id)
    const endpoint = endpointAt(method, path, headers)
    return endpoint !== undefined && name === "/v1/responses" ? this.keeping(endpoint) : endpoint
  }

  private keeping(endpoint: Endpoint): Endpoint {
    return {
      ...endpoint,
      respond: (body, reply) =>
        Either.map(endpoint.respond(body, reply), (response) =>
          body["background"] === true ? this.keep(response) : response
        )
    }
  }

  private keep(response: SuccessResponse): SuccessResponse {
    const isStream = response.type === "stream"
    const body = isStream ? responseIn(response.events.at(-1)) : response.body
    const { kept } = this
    kept.set(String(body["id"]), { body, events: isStream ? response.events : undefined })
    for (const oldest of kept.keys()) if (kept.size > maxKept) kept.delete(oldest)
    if (isStream) return response
    return { type: "json", body: { ...body, status: "queued", output: [], usage: null, completed_at: null }, deltas: 0 }
  }

  /** A stream takes a scripted reply, because it can fail as any other. */
  private retrieval(id: string, query: URLSearchParams): Endpoint {
    const isStream = query.get("stream") === "true"
    const after = Number(query.get("starting_after") ?? -1)
    return aboutResponse(isStream, () => {
      const kept = this.kept.get(id)
      if (kept === undefined) return notFound(id)
      if (!isStream) return json(kept.body)
      const { events } = kept
      const { streamType: contentType } = openAIResponses
      return events === undefined
        ? Either.left({
            kind: "invalidRequest",
            message: "This response cannot be streamed: it was not created with stream=true."
          })
        : // An event stands at the place of its number.
          Either.right({ type: "stream", contentType, events: events.slice(after + 1) })
    })
  }

  private cancellation(id: string): Endpoint {
    return aboutResponse(false, () => {
      const kept = this.kept.get(id)
      if (kept === undefined) return notFound(id)
      kept.body = { ...kept.body, status: "cancelled", output: [], usage: null, completed_at: null }
      return json(kept.body)
    })
  }
}

const aboutResponse = (isScripted: boolean, respond: Endpoint["respond"]): Endpoint => ({
  protocol: "openai-responses",
  wire: openAIResponses,
  model: "",
  isScripted,
  hasBody: false,
  respond
})

const json = (body: JsonObject): ReturnType<Endpoint["respond"]> => Either.right({ type: "json", body, deltas: 0 })

const notFound = (id: string): ReturnType<Endpoint["respond"]> =>
  Either.left({ kind: "notFound", message: `Response with id '${id}' not found.` })

/** The response in an event. */
const responseIn = (event: StreamEvent | undefined): JsonObject => {
  const data = parseJson(/^data: (.*)$/m.exec(event?.text ?? "")?.[1] ?? "")
  const response = isObject(data) ? data["response"] : undefined
  return isObject(response) ? response : {}
}
