/** Keeps the blocks that are not decoded: server tools with their results, compactions, types of the future. */
import { type JsonObject, parseJson } from "../../http/Json.js"
import type { BlockIndex } from "./calls.js"
import type { Block } from "./schema.js"

interface OpenBlock {
  readonly block: Block
  /** The JSON of the input, which arrives in pieces. */
  input: string
  /** The summary of a compaction, which arrives in pieces. */
  content: string
}

/**
 * The blocks of one message that go back as they are. Mutable, so that a delta costs the same however long the block is.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/server-tools
 */
export class OpaqueBlocks {
  /** How many blocks are complete. */
  count = 0
  private readonly open = new Map<number, OpenBlock>()

  /** A block starts. */
  start(index: BlockIndex, block: Block): void {
    this.open.set(index ?? -1, { block, input: "", content: "" })
  }

  /** Appends to the input of a block; `false` if the block is another one. */
  addInput(index: BlockIndex, json: string): boolean {
    const open = this.open.get(index ?? -1)
    if (open !== undefined) open.input += json
    return open !== undefined
  }

  /** Appends to the summary of a compaction. */
  addContent(index: BlockIndex, content: unknown): void {
    const open = this.open.get(index ?? -1)
    if (open !== undefined && typeof content === "string") open.content += content
  }

  /** A block ends: gives the complete block, or nothing if the block is another one. */
  stop(index: BlockIndex): ReadonlyArray<JsonObject> {
    const open = this.open.get(index ?? -1)
    if (open === undefined) return none
    this.open.delete(index ?? -1)
    this.count += 1
    return [completed(open)]
  }

  /** The message ends, and with it every block. */
  stopAll(): ReadonlyArray<JsonObject> {
    return this.open.size === 0 ? none : Array.from(this.open.keys()).flatMap((index) => this.stop(index))
  }
}

const none: ReadonlyArray<JsonObject> = []

const completed = ({ block, input, content }: OpenBlock): JsonObject => {
  const parsed = input === "" ? undefined : parseJson(input)
  return { ...block, ...(parsed === undefined ? {} : { input: parsed }), ...(content === "" ? {} : { content }) }
}
