/** What OpenAI's APIs have in common on the wire: headers, JSON, the list of models. */
import { indentedJson, type ListedModel, type WireFormat } from "./WireFormat.js"

type NamedModel = Pick<ListedModel, "id" | "createdAt">

const cardOf = ({ id, createdAt }: NamedModel) => ({ id, object: "model", created: createdAt, owned_by: "system" })

/** The common part of both wire formats. */
export const openAIFormat = {
  modelList: (models: ReadonlyArray<NamedModel>) => ({ object: "list", data: models.map(cardOf) }),
  modelCard: cardOf,
  requestIdHeader: "x-request-id",
  headers: { "openai-organization": "org-loopback", "openai-processing-ms": "20", "openai-version": "2020-10-01" },
  streamType: "text/event-stream; charset=utf-8",
  json: indentedJson("application/json")
} as const satisfies Partial<WireFormat>
