/** Keeps the citations of text blocks: https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool */
import type { ProviderMetadata } from "../../domain/ContentPart.js"
import { isObject, type JsonObject } from "../../http/Json.js"
import type { Citation } from "../Citation.js"

/** What Anthropic accepts back of a citation. Citations of documents, whose form back differs, are left out. */
const fields = ["type", "url", "title", "cited_text", "encrypted_index"]

/** The citations of blocks that have not ended, by the part of the block. Mutable. */
export class Citations {
  private readonly byPart = new Map<number, Array<JsonObject>>()

  /** Adds a citation to a part. */
  add(part: number, citation: unknown): void {
    if (!isObject(citation) || citation["type"] !== "web_search_result_location") return
    const kept = Object.fromEntries(fields.flatMap((field) => (field in citation ? [[field, citation[field]]] : [])))
    const citations = this.byPart.get(part)
    if (citations === undefined) this.byPart.set(part, [kept])
    else citations.push(kept)
  }

  /** Takes the citations of a part whose block ends. */
  take(part: number): ReadonlyArray<JsonObject> | undefined {
    const citations = this.byPart.get(part)
    this.byPart.delete(part)
    return citations
  }
}

/** The pages that a block cites, in all of its text. */
export const pagesOf = (citations: ReadonlyArray<JsonObject>, part: number): ReadonlyArray<Citation> =>
  citations.map(({ url, title }) => ({ url, title, range: { part } }))

/** The citations that go back with the text of a block. */
export const citationsIn = (metadata: ProviderMetadata[string] | undefined): { readonly citations?: unknown } =>
  Array.isArray(metadata?.["citations"]) ? { citations: metadata["citations"] } : {}
