/** Images and files whose URL holds their bytes are sent as if the bytes were given, by every protocol. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Either, Layer } from "effect"
import { type Message, OpenAI } from "llm-connectivity"
import { open, openNamed } from "../support/capture.js"

const responses = open(
  Effect.map(Layer.build(OpenAI.layer({ apiKey: "sk-test-0123456789", api: "responses" })), Context.get(OpenAI)),
  Layer.empty
)

const subjects = {
  "openai (chat)": openNamed("openai", { OPENAI_API_KEY: "sk-test-0123456789" }),
  "openai (responses)": responses,
  anthropic: openNamed("anthropic", { ANTHROPIC_API_KEY: "sk-test-0123456789" }),
  google: openNamed("google", { GEMINI_API_KEY: "sk-test-0123456789" })
}

const user = (content: Extract<Message, { readonly role: "user" }>["content"]): ReadonlyArray<Message> => [
  { role: "user", content }
]

describe.each(Object.keys(subjects) as Array<keyof typeof subjects>)("%s", (name) => {
  const sent = (messages: ReadonlyArray<Message>) =>
    Effect.flatMap(subjects[name], (ask) => ask(({ chat }) => chat({ messages, model: "gemini-3-pro" })))

  it.effect("gets the bytes and the media type of a data: URL", () =>
    Effect.gen(function* () {
      const byUrl = yield* sent(
        user([
          { type: "image", url: "data:image/png;base64,AAAA" },
          { type: "image", url: "DATA:image/gif;charset=x;BASE64,BBBB", mediaType: "image/webp" },
          { type: "file", url: "data:;base64,CCCC", mediaType: "application/pdf", filename: "a.pdf" },
          { type: "file", url: "data:application/pdf;base64,DDDD", mediaType: "" }
        ])
      )
      const byData = yield* sent(
        user([
          { type: "image", data: "AAAA", mediaType: "image/png" },
          { type: "image", data: "BBBB", mediaType: "image/webp" },
          { type: "file", data: "CCCC", mediaType: "application/pdf", filename: "a.pdf" },
          { type: "file", data: "DDDD", mediaType: "application/pdf" }
        ])
      )
      expect(byUrl.sent).toBeDefined()
      expect(byUrl.sent).toEqual(byData.sent)
    })
  )

  it.effect.each([
    [
      { type: "image", url: "data:;base64,AAAA" },
      "url is a data: URL without a media type; write data:image/png;base64,…"
    ],
    [
      { type: "image", url: "data:;charset=x;base64,AAAA", mediaType: "" },
      "url is a data: URL without a media type; write data:image/png;base64,…"
    ],
    [
      { type: "file", url: "data: ;base64,AAAA", mediaType: " " },
      "url is a data: URL without a media type; write data:application/pdf;base64,…"
    ],
    [
      { type: "image", data: "AAAA", mediaType: "" },
      "mediaType is empty; set it to the media type of the bytes, for instance image/png"
    ],
    [
      { type: "file", data: "AAAA", mediaType: " " },
      "mediaType is empty; set it to the media type of the bytes, for instance application/pdf"
    ],
    [
      { type: "file", url: "https://example.com/a", mediaType: "" },
      "mediaType is empty; set it to the media type of the bytes, for instance application/pdf"
    ]
  ] as const)("gets nothing without a media type: %j", ([part, problem]) =>
    Effect.gen(function* () {
      const { result, sent: request } = yield* sent(user([{ type: "text", text: "See:" }, part]))
      expect(request).toBeUndefined()
      expect(Either.flip(result)).toMatchObject({
        right: {
          _tag: "ValidationError",
          message: expect.stringContaining(`: messages[0].content[1].${problem}`)
        }
      })
    })
  )

  it.effect.each(["data:image/svg+xml,<svg/>", "data:image/png;base64", "data:,", `data:${"a".repeat(1_000_000)}`])(
    "gets nothing of a data: URL that is not in base64, which the error does not quote",
    (url) =>
      Effect.gen(function* () {
        const { result, sent: request } = yield* sent(
          user([
            { type: "text", text: "See:" },
            { type: "image", url }
          ])
        )
        expect(request).toBeUndefined()
        expect(Either.flip(result)).toMatchObject({
          right: {
            _tag: "ValidationError",
            message: expect.stringMatching(
              /: messages\[0\]\.content\[1\]\.url is a data: URL that is not in base64; give data and mediaType instead$/
            )
          }
        })
      })
  )
})
