/** Collects exchanges while they happen, and writes them without the secrets that were sent. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { isCompressed } from "../../http/Body.js"
import { CassetteError } from "./CassetteError.js"
import type { Ending, Exchange, Read } from "./Exchange.js"
import { writeCassette } from "./fileFormat.js"
import { joined } from "./replayPlan.js"
import type { RequestKey } from "./requestKey.js"
import { decodedBytes, SecretMask } from "./SecretMask.js"
import { spreadTexts } from "./spreadTexts.js"
import type { Storage } from "./storage.js"

// Searching for secrets takes about 1 µs per byte, and longer files do not belong in a repository.
const maxResponseBytes = 16 * 1024 * 1024

/** The head of a response that is being read. */
export interface Head {
  readonly atMillis: number
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** The encoding that the server names; a body in it may hide secrets. */
  readonly encoding: string | undefined
}

/** An exchange that has not ended. A mutable class, because reads are added as they arrive. */
export class OpenExchange {
  private head: Head | undefined
  private readonly reads: Array<Read> = []
  private size = 0

  constructor(
    private readonly recording: Recording,
    private readonly slot: number,
    private readonly key: RequestKey
  ) {}

  /** The headers have arrived. */
  begin(head: Head): void {
    this.head = head
  }

  /** Bytes have arrived. */
  read(atMillis: number, bytes: Uint8Array): void {
    this.size += bytes.length
    if (this.size > maxResponseBytes) this.recording.fail("Unsupported", `has more than ${maxResponseBytes} bytes`)
    // Copied, because a client may reuse its buffer.
    else this.reads.push({ atMillis, bytes: bytes.slice() })
  }

  /** The response has ended. Only the first end counts. */
  end(ending: Ending, endMillis: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { head, reads } = this
      if (head === undefined) return Effect.void
      this.head = undefined
      const { encoding, ...response } = head
      const isEncoded = encoding !== undefined && encoding !== "identity" && !decodedBytes(joined(reads)).isText
      if (isEncoded || isCompressed(reads[0]?.bytes ?? new Uint8Array())) {
        this.recording.fail("Unsupported", "is compressed; record with an HTTP client that decompresses, such as fetch")
      }
      const lastMillis = reads.at(-1)?.atMillis ?? response.atMillis
      return this.settle({ ...response, reads, ending, endMillis: Math.max(endMillis, lastMillis) }, 0)
    })
  }

  /** The connection has failed before a response. */
  failed(atMillis: number): Effect.Effect<void> {
    return this.settle(undefined, atMillis)
  }

  private settle(response: Exchange["response"], failedMillis: number): Effect.Effect<void> {
    return this.recording.settle(this, this.slot, { request: this.key.request, response, failedMillis })
  }
}

/** The exchanges of one layer, in the order of their requests. */
export class Recording {
  /** Why the cassette cannot be written; every later request fails with it. */
  failure: CassetteError | undefined
  private readonly exchanges: Array<Exchange | undefined> = []
  private readonly open = new Set<OpenExchange>()
  private readonly secrets = new Set<string>()
  private mask = new SecretMask([])
  /** Exchanges without the secrets that are known; emptied when another secret is sent. */
  private readonly masked = new Map<Exchange, Exchange>()
  private readonly writing = Effect.unsafeMakeSemaphore(1)
  private isWritten = true

  constructor(
    private readonly storage: Storage,
    readonly sha256: (text: string) => string,
    private readonly keepsPrompts: boolean,
    private readonly scope: Scope.Scope
  ) {}

  /** Adds secrets to search for. */
  know(secrets: Iterable<string>): void {
    const before = this.secrets.size
    for (const secret of secrets) this.secrets.add(secret)
    if (this.secrets.size === before) return
    this.mask = new SecretMask(Array.from(this.secrets))
    this.masked.clear()
  }

  /** Begins an exchange. */
  start(key: RequestKey): OpenExchange {
    this.know(key.secrets)
    const exchange = new OpenExchange(this, this.exchanges.push(undefined) - 1, key)
    this.open.add(exchange)
    return exchange
  }

  /** Notes why the cassette cannot be written. */
  fail(reason: CassetteError["reason"], problem: string): void {
    const { path } = this.storage
    const message = `the cassette ${path} was not written, because a response ${problem}`
    this.failure ??= new CassetteError({ reason, path, message })
  }

  /** Stores an exchange that has ended, and writes the file in the background. */
  settle(open: OpenExchange, slot: number, exchange: Exchange): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.open.delete(open)
      this.exchanges[slot] = exchange
      this.isWritten = false
      return Effect.asVoid(Effect.forkIn(this.write, this.scope))
    })
  }

  /** Ends what is still open as interrupted, and writes the file. Dies with the reason if it cannot be written. */
  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(this.open, (exchange) => exchange.end("interrupted", 0), { discard: true })
  ).pipe(
    Effect.zipRight(Effect.suspend(() => this.write)),
    Effect.zipRight(Effect.suspend(() => (this.failure === undefined ? Effect.void : Effect.die(this.failure))))
  )

  private readonly write: Effect.Effect<void> = this.writing.withPermits(1)(
    Effect.suspend(() => {
      if (this.isWritten || this.failure !== undefined) return Effect.void
      this.isWritten = true
      const ready = this.exchanges.flatMap((exchange) =>
        exchange === undefined ? [] : [this.withoutSecrets(exchange)]
      )
      // Found while masking.
      if (this.failure !== undefined) return Effect.void
      return Effect.catchAll(this.storage.write(writeCassette(ready)), (error) =>
        Effect.sync(() => {
          this.failure ??= error
        })
      )
    })
  )

  private withoutSecrets(exchange: Exchange): Exchange {
    const known = this.masked.get(exchange)
    if (known !== undefined) return known
    const { mask } = this
    const result = maskExchange(exchange, mask, this.keepsPrompts)
    const body = decodedBytes(joined(result.response?.reads ?? [])).text
    if ([writeCassette([result]), body, ...spreadTexts(body)].some((text) => mask.isIn(text))) {
      this.fail("Secret", "repeats a secret in a form that cannot be masked; do not record this exchange")
    }
    this.masked.set(exchange, result)
    return result
  }
}

const maskExchange = (exchange: Exchange, mask: SecretMask, keepsPrompts: boolean): Exchange => {
  const { request, response, failedMillis } = exchange
  const body = keepsPrompts ? mask.json(request.body) : undefined
  const masked = { ...request, url: mask.text(request.url), body }
  if (response === undefined) return { request: masked, response, failedMillis }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, mask.text(value)] as const)
  const bytes = mask.bytes(joined(response.reads))
  let end = 0
  const reads = response.reads.map((read) => {
    end += read.bytes.length
    return { ...read, bytes: bytes.slice(end - read.bytes.length, end) }
  })
  return { request: masked, response: { ...response, headers: Object.fromEntries(headers), reads }, failedMillis }
}
