/**
 * The Simulator's streams have the form of the providers' own: line ends, blanks, names of events, fields and their order,
 * pings and end markers. `test/fixtures/wire-forms.json` holds the forms of recorded streams, as facts.
 */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ProtocolName, Simulator } from "llm-connectivity/testing"
import { protocolNames } from "../resilience/ask.js"
import { documented, request, simulatedStreams } from "../support/simulatedStreams.js"
import { differences, formOf, type WireForm } from "../support/wireForm.js"

const recorded: { readonly [Each in ProtocolName]: WireForm } = JSON.parse(
  readFileSync("test/fixtures/wire-forms.json", "utf8")
)

describe.each(protocolNames)("%s", (protocol) => {
  it.effect("streams in the form of its provider", () =>
    Effect.map(simulatedStreams(protocol), (streams) => {
      expect(differences(formOf(streams), recorded[protocol], documented[protocol])).toEqual([])
    })
  )

  it.effect("sends the provider's content type and request id", () =>
    Effect.gen(function* () {
      const { response } = yield* request(protocol, {})
      expect(response.headers.get("content-type")).toBe(
        protocol === "google-gemini" ? "text/event-stream" : "text/event-stream; charset=utf-8"
      )
    }).pipe(Effect.provide(Simulator.layer({ pace: 0 })))
  )
})
