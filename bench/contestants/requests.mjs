/** Requests and response parsing for contestants without a library, per wire format. */

/** @typedef {{ path: (plan: string) => string, textOf: (event: any) => string | undefined }} Reading */

/** @type {Record<import("../server/wires.mjs").Wire, Reading>} */
export const readings = {
  chat: { path: () => "/v1/chat/completions", textOf: (event) => event.choices[0]?.delta?.content },
  responses: {
    path: () => "/v1/responses",
    textOf: (event) => (event.type === "response.output_text.delta" ? event.delta : undefined)
  },
  anthropic: {
    path: () => "/v1/messages",
    textOf: (event) => (event.type === "content_block_delta" ? event.delta.text : undefined)
  },
  gemini: {
    path: (plan) => `/v1beta/models/${plan}:streamGenerateContent?alt=sse`,
    textOf: (event) => event.candidates[0]?.content?.parts?.[0]?.text
  }
}

/**
 * Sends the request with `fetch`.
 * @param {string} origin
 * @param {Reading} reading
 * @param {string} plan
 */
export const post = (origin, reading, plan) =>
  fetch(origin + reading.path(plan), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer key" },
    body: JSON.stringify({ model: plan, stream: true, messages: [{ role: "user", content: "Hi" }] })
  })

/** Splits bytes into events and parses their JSON, with the fewest checks possible. */
export class Splitter {
  #rest = ""
  #decoder = new TextDecoder()

  /**
   * @param {Uint8Array} bytes
   * @param {(event: any) => void} onEvent
   */
  push(bytes, onEvent) {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true })
    let start = 0
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", start)) {
      const at = text.indexOf("data: ", start) + 6
      if (text[at] === "{") onEvent(JSON.parse(text.slice(at, end)))
      start = end + 2
    }
    this.#rest = text.slice(start)
  }
}
