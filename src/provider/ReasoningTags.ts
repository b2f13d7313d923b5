/** Splits the text of a response into reasoning and answer at `<think>` tags, wherever the network cuts them. */
import type { Source } from "../domain/Source.js"
import { hasOutput, type StreamChunk } from "../domain/StreamChunk.js"
import { textChunk } from "../protocol/textChunk.js"
import type { ChunkTransform } from "./engine/transformChunks.js"

/** How models mark reasoning in their text. */
export interface ReasoningTagOptions {
  /** The name of the tag; `think` by default. */
  readonly tag?: string | undefined
  /**
   * Whether the text begins inside the tag, as with chat templates that write the opening tag into the prompt; `false`
   * by default.
   */
  readonly startsInside?: boolean | undefined
}

/** A run of text, inside or outside the tags. */
interface Segment {
  readonly isReasoning: boolean
  readonly text: string
}

/** Finds the tags in text that arrives in pieces. Mutable; holds back less than one tag. */
class TagSplitter {
  private held = ""
  private depth: number
  private readonly open: string
  private readonly close: string

  constructor({ tag = "think", startsInside = false }: ReasoningTagOptions) {
    this.open = `<${tag}>`
    this.close = `</${tag}>`
    this.depth = startsInside ? 1 : 0
  }

  push(text: string): ReadonlyArray<Segment> {
    const segments: Array<Segment> = []
    const all = this.held + text
    let from = 0
    for (let at = all.indexOf("<"); at !== -1; at = all.indexOf("<", at)) {
      const tag = this.tagAt(all, at)
      if (tag === "partial") return this.hold(segments, all, from, at)
      if (tag === undefined) at++
      else {
        this.add(segments, all.slice(from, at))
        this.depth += tag === this.open ? 1 : -1
        at += tag.length
        from = at
      }
    }
    return this.hold(segments, all, from, all.length)
  }

  /** Gives what is held back, which no tag completes any more. */
  end(): ReadonlyArray<Segment> {
    const segments: Array<Segment> = []
    this.add(segments, this.held)
    this.held = ""
    return segments
  }

  /** The tag at a position. A closing tag outside of all tags is text. */
  private tagAt(text: string, at: number): string | undefined {
    const tags = this.depth > 0 ? [this.open, this.close] : [this.open]
    const rest = text.slice(at, at + this.close.length)
    if (tags.some((tag) => rest.length < tag.length && tag.startsWith(rest))) return "partial"
    return tags.find((tag) => rest.startsWith(tag))
  }

  private hold(segments: Array<Segment>, text: string, from: number, until: number): ReadonlyArray<Segment> {
    this.add(segments, text.slice(from, until))
    this.held = text.slice(until)
    return segments
  }

  private add(segments: Array<Segment>, text: string): void {
    if (text !== "") segments.push({ isReasoning: this.depth > 0, text })
  }
}

/** Ranges count in the text with its reasoning. */
const withoutRanges = (sources: ReadonlyArray<Source>): ReadonlyArray<Source> =>
  sources.map(({ range: _, ...source }) => source)

/**
 * Makes the transform of one stream. Nested tags are part of the reasoning, without their marks; a tag that is never
 * closed lasts to the end; what only resembles a tag is text.
 */
export const reasoningTags = (options: ReasoningTagOptions): ChunkTransform<StreamChunk, StreamChunk> => {
  const splitter = new TagSplitter(options)
  let hasMoved = options.startsInside === true
  const chunksOf = (segments: ReadonlyArray<Segment>, rawChunk: unknown): Array<StreamChunk> =>
    segments.map(({ isReasoning, text }) =>
      isReasoning ? textChunk(rawChunk, "", text) : textChunk(rawChunk, text, "")
    )
  const split = (read: StreamChunk): ReadonlyArray<StreamChunk> => {
    const chunk = hasMoved && read.sources !== undefined ? { ...read, sources: withoutRanges(read.sources) } : read
    const { content, finishReason, part } = chunk
    const isText = part === undefined || part.type === "text"
    if (content === "" && finishReason === null && isText && !hasOutput(chunk)) {
      return part === undefined || part.providerMetadata !== undefined ? [chunk] : []
    }
    if (!isText) return [...chunksOf(splitter.end(), chunk.rawChunk), chunk]
    const segments = content === "" ? [] : splitter.push(content)
    hasMoved ||= segments.some(({ isReasoning }) => isReasoning)
    const isEnd = finishReason !== null || chunk.toolCalls.length > 0
    const before = [...segments, ...(isEnd ? splitter.end() : [])]
    const { part: _, ...others } = chunk
    const rest: StreamChunk = part?.providerMetadata === undefined ? others : chunk
    const keeps = isEnd || chunk.reasoning !== "" || chunk.usage !== null || rest.part !== undefined
    return [...chunksOf(before, chunk.rawChunk), ...(keeps ? [{ ...rest, content: "" }] : [])]
  }
  return {
    push: (chunks) => Array.from(chunks).flatMap(split),
    end: () => chunksOf(splitter.end(), null)
  }
}
