/** The file format of cassettes: versioned JSON. What is read is checked as input from anywhere. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { parseJson } from "../../http/Json.js"
import type { Exchange, Read } from "./Exchange.js"
import { decodedBytes } from "./SecretMask.js"

const format = "llm-connectivity-cassette"
const version = 1

// A day: longer than any response takes, and what a timer takes.
const Millis = Schema.Number.pipe(Schema.between(0, 86_400_000))

const headerName = Schema.String.pipe(Schema.pattern(/^[!#$%&'*+.^_`|~0-9a-z-]+$/))
const headerValue = Schema.String.pipe(Schema.pattern(/^[\t\x20-\x7e\x80-\xff]*$/))

const ReadJson = Schema.Union(
  Schema.Struct({ atMillis: Millis, text: Schema.String }),
  Schema.Struct({ atMillis: Millis, base64: Schema.Uint8ArrayFromBase64 })
)

const ExchangeJson = Schema.Struct({
  request: Schema.Struct({
    method: Schema.String,
    url: Schema.String.pipe(Schema.filter((url) => URL.canParse(url))),
    hash: Schema.String,
    body: Schema.optional(Schema.Unknown)
  }),
  response: Schema.optional(
    Schema.Struct({
      atMillis: Millis,
      status: Schema.Int.pipe(Schema.between(200, 599)),
      headers: Schema.Record({ key: headerName, value: headerValue }),
      reads: Schema.Array(ReadJson),
      ending: Schema.Literal("complete", "broken", "interrupted"),
      endMillis: Millis
    })
  ),
  failedMillis: Schema.optional(Millis)
})

const CassetteJson = Schema.Struct({
  format: Schema.Literal(format),
  version: Schema.Literal(version),
  exchanges: Schema.Array(ExchangeJson)
})

const decode = Schema.decodeUnknownEither(CassetteJson)

const encoder = new TextEncoder()

/** Reads the text of a file, or says what is wrong with it without quoting it. */
export const parseCassette = (text: string): Either.Either<ReadonlyArray<Exchange>, string> => {
  const json = parseJson(text)
  if (json === undefined) return Either.left("it is not JSON")
  return decode(json).pipe(
    Either.mapLeft((error) => `${pathOf(error)} is not as documented`),
    Either.map(({ exchanges }) =>
      exchanges.map(({ request, response, failedMillis = 0 }) => ({
        request: { ...request, body: request.body },
        response: response && { ...response, reads: response.reads.map(readOf) },
        failedMillis
      }))
    )
  )
}

const pathOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.path.map(String).join(".") || "its content"

const readOf = (read: typeof ReadJson.Type): Read => ({
  atMillis: read.atMillis,
  bytes: "text" in read ? encoder.encode(read.text) : read.base64
})

/** Writes exchanges as indented JSON. */
export const writeCassette = (exchanges: ReadonlyArray<Exchange>): string =>
  `${JSON.stringify({ format, version, exchanges: exchanges.map(exchangeJson) }, null, 2)}\n`

const exchangeJson = ({ request, response, failedMillis }: Exchange) => ({
  request,
  ...(response === undefined ? { failedMillis } : { response: { ...response, reads: response.reads.map(readJson) } })
})

/** Text where a read is text by itself; a read that ends inside a character is not. */
const readJson = ({ atMillis, bytes }: Read) => {
  const { text, isText } = decodedBytes(bytes)
  return isText ? { atMillis, text } : { atMillis, base64: btoa(text) }
}
