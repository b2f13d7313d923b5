/**
 * The Simulator's streams have the form of the recordings in RECORDINGS. `WRITE_FORMS=1` writes what of their form the
 * Simulator also has to `test/fixtures/wire-forms.json`, which `npm test` compares with.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { protocolNames } from "../resilience/ask.js"
import { documented, simulatedStreams } from "../support/simulatedStreams.js"
import { differences, formOf, type WireForm } from "../support/wireForm.js"

const folder = process.env["RECORDINGS"] ?? ""

interface Recording {
  readonly file: string
  readonly api: string
  readonly provider: string
}

const { streams }: { readonly streams: ReadonlyArray<Recording> } = JSON.parse(
  readFileSync(join(folder, "manifest.json"), "utf8")
)

const apis = {
  "openai-chat": "openai-chat-completions",
  "openai-responses": "openai-responses",
  "anthropic-messages": "anthropic-messages",
  "google-gemini": "gemini-generateContent"
}

// Vendors that copied a protocol have forms of their own.
const providers = ["openai", "anthropic", "gemini"]

const forms: Record<string, WireForm> = {}

describe.each(protocolNames)("%s", (protocol) => {
  it.effect("is simulated in the form of its recordings", () =>
    Effect.map(simulatedStreams(protocol), (simulated) => {
      const own = streams.filter((each) => each.api === apis[protocol] && providers.includes(each.provider))
      const recorded = formOf(own.map(({ file }) => readFileSync(join(folder, file), "utf8")))
      const form = formOf(simulated)
      const fields = Object.entries(recorded.fields).filter(([path]) => path in form.fields)
      forms[protocol] = { ...recorded, fields: Object.fromEntries(fields) }
      if (process.env["WRITE_FORMS"] !== undefined) {
        writeFileSync("test/fixtures/wire-forms.json", `${JSON.stringify(forms, null, 2)}\n`)
      }
      expect(differences(form, recorded, documented[protocol])).toEqual([])
    })
  )
})
