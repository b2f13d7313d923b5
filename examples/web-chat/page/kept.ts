/** The part of the conversation that survives a reload: the questions and the ids of their runs. All tabs share it. */
import type { Decisions } from "./approval.js"

/** A question, the id of the run that answers it, and what was decided about the calls with which its runs have ended. */
export interface KeptTurn {
  readonly id: string
  readonly question: string
  readonly decisions: ReadonlyArray<Decisions>
}

const key = "turns"

const isKept = (value: unknown): value is KeptTurn =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  "question" in value &&
  "decisions" in value &&
  typeof value.id === "string" &&
  typeof value.question === "string" &&
  Array.isArray(value.decisions)

/** The turns of the conversation; empty if the stored value is not one. */
export const load = (): ReadonlyArray<KeptTurn> => {
  try {
    const turns: unknown = JSON.parse(localStorage.getItem(key) ?? "[]")
    return Array.isArray(turns) ? turns.filter(isKept) : []
  } catch {
    return []
  }
}

export const save = (turns: ReadonlyArray<KeptTurn>): void =>
  localStorage.setItem(key, JSON.stringify(turns.map(({ id, question, decisions }) => ({ id, question, decisions }))))

/** Calls a listener when another tab has saved. */
export const onSaved = (listener: () => void): void =>
  addEventListener("storage", (event) => {
    if (event.key === key || event.key === null) listener()
  })
