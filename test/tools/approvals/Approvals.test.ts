/** Approvals across requests: what is signed runs once, and everything else is refused before anything runs. */
import { describe, expect, it, vi } from "@effect/vitest"
import { Cause, Effect, Layer, Redacted, Ref, Schema, TestClock } from "effect"
import type { Message, StreamChunk } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import {
  ApprovalStore,
  Approvals,
  DecidedApproval,
  type Decision,
  type PendingApproval,
  Tool,
  ToolLoop,
  type ToolLoopResponse
} from "llm-connectivity/tools"
import { StateUnavailable } from "../../../src/policy/StateUnavailable.js"
import { call } from "../../support/toolCalls.js"

const messages: ReadonlyArray<Message> = [{ role: "user", content: "Remove users 1 and 2" }]

/** A tool that needs an approval, and what it has removed. */
const makeRemove = (description = "Removes a user") =>
  Effect.map(Ref.make<ReadonlyArray<string>>([]), (removed) => ({
    removed,
    remove: Tool.make("remove", {
      description,
      parameters: { id: Schema.Number },
      needsApproval: true,
      execute: ({ id }, { id: callId }) => Ref.update(removed, (all) => [...all, `${id} ${callId}`])
    })
  }))

const withSameId = (name: string, id: number, index = 0): Partial<StreamChunk> => ({
  toolCalls: [{ index, id: "same", name, arguments: JSON.stringify({ id }) }]
})

const callIds = ({ role, content }: Message) =>
  role === "assistant" && typeof content !== "string"
    ? content.flatMap((part) => (part.type === "tool-call" ? part.id : []))
    : []

const resultIds = (message: Message) => (message.role === "tool" ? [[message.toolCallId, message.content]] : [])

const secret = Redacted.make("a secret of the tests, of at least 32 bytes")
const newSecret = Redacted.make("another secret of the tests, of 32 bytes or more")

const approvals = Layer.orDie(Approvals.layer({ secret, store: ApprovalStore.memory, expiresIn: "10 minutes" }))

/** Asks for two removals, then answers. */
const twoCalls = MockLLM.layer((request) =>
  request.messages.at(-1)?.role === "user"
    ? [call("remove", { id: 1 }, 0), call("remove", { id: 2 }, 1)]
    : "Both are handled."
)

const base = Layer.merge(approvals, twoCalls)

/** What a client sends, as JSON. */
const viaJson = <A>(value: A): A => JSON.parse(JSON.stringify(value))

const decide = (ended: ToolLoopResponse, decisions: ReadonlyArray<Decision>): ReadonlyArray<DecidedApproval> =>
  ended.pendingApprovals.map((approval, index) => ({ approval, decision: decisions[index] ?? "deny" }))

const setup = Effect.gen(function* () {
  const { remove, removed } = yield* makeRemove()
  const ended = yield* ToolLoop.run({ messages }, { tools: [remove], loopId: "loop", caller: "alice" })
  const resume = (
    given: ReadonlyArray<Message>,
    decided: ReadonlyArray<DecidedApproval>,
    { caller = "alice", tools = [remove] } = {}
  ) => ToolLoop.run({ messages: given }, { tools, caller, resume: { approvals: decided } })
  return { remove, removed, ended, resume }
})

describe("a loop with calls that need an approval", () => {
  it.effect("ends with the calls, signed, and has run none", () =>
    Effect.gen(function* () {
      const { ended, removed } = yield* setup
      expect(ended.endReason).toBe("pending")
      expect(ended.pendingApprovals).toMatchObject([
        { loopId: "loop", expiresAt: 600_000, call: { id: "loop/0/0", name: "remove", arguments: { id: 1 } } },
        { call: { id: "loop/0/1", arguments: { id: 2 } } }
      ])
      expect(yield* Ref.get(removed)).toEqual([])
    }).pipe(Effect.provide(base))
  )

  it.effect("goes on after a round trip through JSON: approved calls run, with the same ids, denied ones do not", () =>
    Effect.gen(function* () {
      const { ended, removed, resume } = yield* setup
      const decided = Schema.decodeUnknownSync(Schema.Array(DecidedApproval))(
        viaJson(decide(ended, ["approve", { deny: "keep her" }]))
      )
      const answer = yield* resume(viaJson(ended.messages), decided)
      expect(yield* Ref.get(removed)).toEqual(["1 loop/0/0"])
      expect(answer.content).toBe("Both are handled.")
      expect(answer.messages).toMatchObject([
        { role: "user" },
        { role: "assistant" },
        { role: "tool", toolCallId: "call-0", content: "done" },
        { role: "tool", toolCallId: "call-1", content: '{"error":"the call was denied: keep her"}' },
        { role: "assistant" }
      ])
      expect(answer.steps).toMatchObject([{ step: 1 }])
    }).pipe(Effect.provide(base))
  )

  it.effect("takes the results of calls that were left to the caller, in the order of the calls", () =>
    Effect.gen(function* () {
      const { remove } = yield* makeRemove()
      const ask = Tool.make("ask", { parameters: { id: Schema.Number } })
      const ended = yield* ToolLoop.run({ messages }, { tools: [remove, ask] })
      const results = ended.pendingCalls.map(
        ({ toolCallId }) => ({ role: "tool", toolCallId, content: "yes" }) as const
      )
      const resume = { approvals: decide(ended, ["approve"]), results }
      const answer = yield* ToolLoop.run({ messages: ended.messages }, { tools: [remove, ask], resume })
      expect(answer.messages.slice(2, 4)).toMatchObject([{ content: "yes" }, { content: "done" }])
    }).pipe(
      Effect.provide(approvals),
      Effect.provide(MockLLM.layer([[call("ask", { id: 1 }, 0), call("remove", { id: 2 }, 1)], "done"]))
    )
  )

  it.effect("goes on where the server gives all calls of a response, and of other responses, the same id", () =>
    Effect.gen(function* () {
      const { remove, removed } = yield* makeRemove()
      const look = Tool.make("look", {
        parameters: { id: Schema.Number },
        execute: ({ id }) => Effect.succeed(`at ${id}`)
      })
      const tools = [look, remove]
      const ended = yield* ToolLoop.run({ messages }, { tools })
      const resume = { approvals: decide(ended, ["approve"]) }
      const answer = yield* ToolLoop.run({ messages: ended.messages }, { tools, resume })
      expect(yield* Ref.get(removed)).toHaveLength(1)
      const [calls, results] = [answer.messages.flatMap(callIds), answer.messages.flatMap(resultIds)]
      expect(calls).toEqual(["same", "call_0", "call_1"])
      expect(results).toEqual([
        ["same", "at 1"],
        ["call_0", "at 2"],
        ["call_1", "done"]
      ])
    }).pipe(
      Effect.provide(approvals),
      Effect.provide(
        MockLLM.layer([
          [withSameId("look", 1)],
          [withSameId("look", 2), withSameId("remove", 3, 1)],
          "Both are handled."
        ])
      )
    )
  )

  it.effect("accepts approvals that an earlier secret signed", () =>
    Effect.gen(function* () {
      const { ended, removed, resume } = yield* setup.pipe(Effect.provide(approvals))
      const rotated = Approvals.layer({ secret: newSecret, previous: [secret], store: ApprovalStore.memory })
      yield* resume(ended.messages, decide(ended, ["approve", "approve"])).pipe(Effect.provide(rotated))
      expect(yield* Ref.get(removed)).toHaveLength(2)
    }).pipe(Effect.provide(twoCalls))
  )

  it.effect("uses the approvals of a step at once, as a store that fails in between would spoil them", () =>
    Effect.gen(function* () {
      const { ended, removed, resume } = yield* setup
      yield* resume(ended.messages, both(ended))
      expect(yield* Ref.get(removed)).toHaveLength(2)
    }).pipe(
      Effect.provide(twoCalls),
      Effect.provide(
        Layer.unwrapEffect(
          Effect.map(ApprovalStore.memory, ({ consume }) => {
            const failing = Effect.fail(new StateUnavailable({ reason: "down" }))
            const once = vi.fn<typeof consume>(() => failing).mockImplementationOnce(consume)
            return Approvals.layer({ secret, store: { consume: once } })
          })
        )
      )
    )
  )
})

/** Resumes in a way that must be refused, and gives the reason. */
type Attack = (
  attacked: Effect.Effect.Success<typeof setup>
) => Effect.Effect<unknown, { readonly _tag: string }, Approvals | MockLLM | Layer.Layer.Success<typeof base>>

const both = (ended: ToolLoopResponse) => decide(ended, ["approve", "approve"])

const changing =
  (change: (approval: PendingApproval) => PendingApproval): Attack =>
  ({ ended, resume }) =>
    resume(
      ended.messages,
      both(ended).map((each, index) => (index === 1 ? { ...each, approval: change(each.approval) } : each))
    )

const refusals: ReadonlyArray<readonly [title: string, reason: string, attack: Attack]> = [
  [
    "with a forged signature",
    "Invalid",
    changing((each) => ({ ...each, signature: each.signature.replace(/^./, (first) => (first === "A" ? "B" : "A")) }))
  ],
  ["without a signature", "Invalid", changing((each) => ({ ...each, signature: "" }))],
  ["with a signature that is no base64", "Invalid", changing((each) => ({ ...each, signature: "%" }))],
  [
    "with the signature of another call",
    "Invalid",
    ({ ended, resume }) =>
      resume(
        ended.messages,
        both(ended).map((each) => ({
          ...each,
          approval: { ...each.approval, signature: ended.pendingApprovals[0]?.signature ?? "" }
        }))
      )
  ],
  ["with other arguments", "Invalid", changing((each) => ({ ...each, call: { ...each.call, arguments: { id: 3 } } }))],
  ["with another tool", "Invalid", changing((each) => ({ ...each, call: { ...each.call, name: "promote" } }))],
  ["with a later expiry", "Invalid", changing((each) => ({ ...each, expiresAt: each.expiresAt + 1 }))],
  ["of another loop", "Invalid", changing((each) => ({ ...each, loopId: "other" }))],
  [
    "with a loop id that all of them share",
    "Invalid",
    ({ ended, resume }) =>
      resume(
        ended.messages,
        both(ended).map(({ approval, decision }) => ({
          decision,
          approval: {
            ...approval,
            loopId: "other",
            call: { ...approval.call, id: approval.call.id.replace("loop", "other") }
          }
        }))
      )
  ],
  ["of another caller", "Invalid", ({ ended, resume }) => resume(ended.messages, both(ended), { caller: "mallory" })],
  [
    "in another conversation",
    "Invalid",
    ({ ended, resume }) =>
      resume([{ role: "user", content: "Remove everyone" }, ...ended.messages.slice(1)], both(ended))
  ],
  [
    "with arguments that the conversation and the approval share",
    "Invalid",
    ({ ended, resume }) => {
      const swap = <A>(value: A): A =>
        JSON.parse(JSON.stringify(value).replaceAll('{\\"id\\":2}', '{\\"id\\":3}').replaceAll('{"id":2}', '{"id":3}'))
      return resume(swap(ended.messages), swap(both(ended)))
    }
  ],
  [
    "after a message that follows the calls",
    "Invalid",
    ({ ended, resume }) => resume([...ended.messages, { role: "user", content: "go on" }], both(ended))
  ],
  [
    "of a tool that has changed",
    "Invalid",
    ({ ended, resume }) =>
      Effect.flatMap(makeRemove("Removes a user and all backups"), ({ remove }) =>
        resume(ended.messages, both(ended), { tools: [remove] })
      )
  ],
  ["of a tool that is gone", "Invalid", ({ ended, resume }) => resume(ended.messages, both(ended), { tools: [] })],
  [
    "given twice in one request",
    "Invalid",
    ({ ended, resume }) => resume(ended.messages, [...both(ended), ...both(ended)])
  ],
  [
    "nested too deep",
    "Invalid",
    changing((each) => ({
      ...each,
      call: { ...each.call, arguments: JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`) }
    }))
  ],
  ["that leaves out a call", "Missing", ({ ended, resume }) => resume(ended.messages, both(ended).slice(1))],
  ["without any decision", "Missing", ({ ended, resume }) => resume(ended.messages, [])],
  [
    "that has expired",
    "Expired",
    ({ ended, resume }) => Effect.zipRight(TestClock.adjust("10 minutes"), resume(ended.messages, both(ended)))
  ]
]

describe("an approval is refused before anything runs", () => {
  it.effect.each(refusals)("%s", ([, reason, attack]) =>
    Effect.gen(function* () {
      const attacked = yield* setup
      const refusal = yield* Effect.flip(attack(attacked))
      expect(refusal).toMatchObject({ _tag: "ApprovalError", reason })
      expect(yield* Ref.get(attacked.removed)).toEqual([])
      expect(yield* MockLLM.requests).toHaveLength(1)
    }).pipe(Effect.provide(base))
  )

  it.effect("used twice, also by many at once", () =>
    Effect.gen(function* () {
      const { ended, removed, resume } = yield* setup
      const attempt = Effect.either(resume(ended.messages, both(ended)))
      const results = yield* Effect.all(
        Array.from({ length: 20 }, () => attempt),
        { concurrency: "unbounded" }
      )
      expect(results.filter(({ _tag }) => _tag === "Right")).toHaveLength(1)
      expect(
        results.filter(
          (each) => each._tag === "Left" && each.left._tag === "ApprovalError" && each.left.reason === "Used"
        )
      ).toHaveLength(19)
      expect(yield* Ref.get(removed)).toHaveLength(2)
    }).pipe(Effect.provide(base))
  )

  it.effect("after a denial", () =>
    Effect.gen(function* () {
      const { ended, removed, resume } = yield* setup
      yield* resume(ended.messages, decide(ended, ["deny", "deny"]))
      expect(yield* Effect.flip(resume(ended.messages, both(ended)))).toMatchObject({ reason: "Used" })
      expect(yield* Ref.get(removed)).toEqual([])
    }).pipe(Effect.provide(base))
  )

  it.effect("while its store cannot be reached", () =>
    Effect.gen(function* () {
      const { ended, removed, resume } = yield* setup
      expect(yield* Effect.flip(resume(ended.messages, both(ended)))).toMatchObject({ reason: "Unavailable" })
      expect(yield* Ref.get(removed)).toEqual([])
    }).pipe(
      Effect.provide(twoCalls),
      Effect.provide(
        Approvals.layer({ secret, store: { consume: () => Effect.fail(new StateUnavailable({ reason: "down" })) } })
      )
    )
  )

  it.effect("1,000 times of 1,000: forged, changed, replayed and expired", () =>
    Effect.gen(function* () {
      const { ended, removed, resume } = yield* setup
      yield* resume(ended.messages, both(ended))
      const fields = (n: number) => {
        const [one, two] = both(ended)
        if (one === undefined || two === undefined) return []
        const { approval } = two
        const byte = n % approval.signature.length
        const flipped = approval.signature[byte] === "A" ? "B" : "A"
        const changed: ReadonlyArray<PendingApproval> = [
          {
            ...approval,
            signature: `${approval.signature.slice(0, byte)}${flipped}${approval.signature.slice(byte + 1)}`
          },
          { ...approval, call: { ...approval.call, arguments: { id: 10 + n } } },
          approval,
          { ...approval, expiresAt: n }
        ]
        return [one, { ...two, approval: changed[n % 4] ?? approval }]
      }
      const results = yield* Effect.forEach(
        Array.from({ length: 1000 }, (_, n) => fields(n)),
        (decided) => Effect.either(resume(ended.messages, decided))
      )
      expect(results.filter(({ _tag }) => _tag === "Right")).toEqual([])
      expect(yield* Ref.get(removed)).toHaveLength(2)
    }).pipe(Effect.provide(base))
  )
})

it.effect("the first of 1,000 forged approvals ends the request, before its other calls are looked at", () =>
  Effect.gen(function* () {
    const { remove } = yield* makeRemove()
    let described = 0
    const counted = {
      ...remove,
      definition: Effect.suspend(() => {
        described++
        return remove.definition
      })
    }
    const calls = Array.from({ length: 1000 }, (_, position) => ({ id: `c${position}`, position }))
    const thread: ReadonlyArray<Message> = [
      ...messages,
      {
        role: "assistant",
        content: calls.map(({ id }) => ({ type: "tool-call", id, name: "remove", arguments: '{"id":1}' }))
      }
    ]
    const approvals = calls.map(
      ({ id, position }): DecidedApproval => ({
        decision: "approve",
        approval: {
          loopId: "loop",
          expiresAt: 600_000,
          signature: "AAAA",
          call: {
            id: `loop/0/${position}`,
            toolCallId: id,
            name: "remove",
            arguments: { id: 1 },
            step: 0,
            position
          }
        }
      })
    )
    const running = ToolLoop.run({ messages: thread }, { tools: [counted], resume: { approvals } })
    expect(yield* Effect.flip(running)).toMatchObject({ _tag: "ApprovalError", reason: "Invalid" })
    expect(described).toBe(1)
  }).pipe(Effect.provide(base))
)

it.effect("signing and checking many calls reads the conversation once, not once for each", () =>
  Effect.gen(function* () {
    const { remove } = yield* makeRemove()
    const digest = vi.spyOn(crypto.subtle, "digest")
    const long: ReadonlyArray<Message> = [{ role: "user", content: "Remove ".repeat(10_000) }]
    const calls = Array.from({ length: 50 }, (_, index) => call("remove", { id: index }, index))
    const model = MockLLM.layer((request) => (request.messages.at(-1)?.role === "user" ? calls : "Handled."))
    yield* Effect.gen(function* () {
      const ended = yield* ToolLoop.run({ messages: long }, { tools: [remove] })
      expect(ended.pendingApprovals).toHaveLength(50)
      const decided = decide(
        ended,
        Array.from(calls, () => "approve" as const)
      )
      yield* ToolLoop.run({ messages: ended.messages }, { tools: [remove], resume: { approvals: decided } })
      // The conversation and the tool, at the end and again at the resumption.
      expect(digest).toHaveBeenCalledTimes(4)
    }).pipe(Effect.provide(Layer.merge(approvals, model)), Effect.ensuring(Effect.sync(() => digest.mockRestore())))
  })
)

describe("the layer of approvals", () => {
  it.effect("refuses a short secret without showing it", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        Effect.provide(
          Effect.void,
          Approvals.layer({ secret: Redacted.make("short secret"), store: ApprovalStore.memory })
        )
      )
      const text = exit._tag === "Failure" ? Cause.pretty(exit.cause) : ""
      expect(text).toContain("shorter than 32 bytes")
      expect(text).not.toContain("short secret")
    })
  )
})
