/** Shows a subset of Markdown while it arrives. It makes elements and text nodes, never HTML. */

/** Characters. A longer block is split, so that the work per chunk does not grow with the answer. */
const longestBlock = 4096

const fence = "```"

export class MarkdownView {
  /** The text since the last complete block. */
  private open = ""
  /** The elements of `open`, which the next chunk replaces. */
  private shown: ReadonlyArray<HTMLElement> = []

  constructor(private readonly parent: HTMLElement) {}

  clear(): void {
    this.open = ""
    this.shown = []
    this.parent.replaceChildren()
  }

  add(text: string): void {
    this.open += text
    for (let end = endOfBlock(this.open); end > 0; end = endOfBlock(this.open)) {
      const block = this.open.slice(0, end)
      this.show(block.replace(/\n+$/, ""))
      this.shown = []
      const isSplitCode = block.startsWith(fence) && !/\n```\n$/.test(block)
      this.open = (isSplitCode ? `${fence}\n` : "") + this.open.slice(end)
    }
    this.show(this.open)
  }

  private show(block: string): void {
    for (const element of this.shown) element.remove()
    this.shown = elementsOf(block)
    this.parent.append(...this.shown)
  }
}

/** Where the first block ends; 0 while it is incomplete. */
const endOfBlock = (text: string): number => {
  const start = text.slice(0, longestBlock + 1)
  const endAfter = (mark: string, length: number): ReadonlyArray<number> => {
    const index = start.indexOf(mark)
    return index === -1 ? [] : [index + length]
  }
  const ends = start.startsWith(fence)
    ? endAfter(`\n${fence}\n`, fence.length + 2)
    : [...endAfter("\n\n", 2), ...endAfter(`\n${fence}`, 1)]
  if (ends.length > 0) return Math.min(...ends)
  if (text.length <= longestBlock) return 0
  const line = start.lastIndexOf("\n", longestBlock - 1) + 1
  return line > fence.length + 1 ? line : longestBlock
}

const elementOf = (name: string, ...content: ReadonlyArray<Node | string>): HTMLElement => {
  const element = document.createElement(name)
  element.append(...content)
  return element
}

const elementsOf = (block: string): ReadonlyArray<HTMLElement> => {
  if (block.startsWith(fence)) {
    const code = block.replace(/^```[^\n]*\n?/, "").replace(/\n?```$/, "")
    return [elementOf("pre", elementOf("code", code))]
  }
  const elements: Array<HTMLElement> = []
  let paragraph: Array<string> = []
  const endParagraph = () => {
    if (paragraph.join("").trim() !== "") elements.push(elementOf("p", ...inline(paragraph.join("\n"))))
    paragraph = []
  }
  for (const line of block.split("\n")) {
    const [, marks, title = ""] = /^(#{1,6}) +(.*)$/.exec(line) ?? []
    const [, mark, item = ""] = /^ {0,8}([-*+]|\d{1,9}[.)]) +(.*)$/.exec(line) ?? []
    if (marks === undefined && mark === undefined) {
      paragraph.push(line)
      continue
    }
    endParagraph()
    // The page has an `h1`, and an `h2` above each answer.
    if (marks !== undefined) elements.push(elementOf(`h${Math.min(marks.length + 2, 6)}`, ...inline(title)))
    else addItem(elements, mark ?? "", item)
  }
  endParagraph()
  return elements
}

/** Appends an item to the list at the end, or begins a list. */
const addItem = (elements: Array<HTMLElement>, mark: string, item: string): void => {
  const name = /\d/.test(mark) ? "ol" : "ul"
  const previous = elements.at(-1)
  const list = previous?.localName === name ? previous : elementOf(name)
  if (list !== previous) {
    elements.push(list)
    // After a blank line or a list of another kind, the numbers go on.
    if (name === "ol") list.setAttribute("start", `${Number.parseInt(mark, 10)}`)
  }
  list.append(elementOf("li", ...inline(item)))
}

// Each alternative is bounded, so that a block of opening marks takes linear time.
const marked =
  /`([^`\n]{1,500})`|\*\*([^*\n]{1,500})\*\*|\*([^*\s][^*\n]{0,500})\*|\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()]{1,1000})\)/g

const inline = (text: string): ReadonlyArray<Node | string> => {
  const nodes: Array<Node | string> = []
  let end = 0
  for (const { index, 0: all, 1: code, 2: bold, 3: italic, 4: label, 5: address } of text.matchAll(marked)) {
    nodes.push(text.slice(end, index))
    if (code !== undefined) nodes.push(elementOf("code", code))
    else if (bold !== undefined) nodes.push(elementOf("strong", ...inline(bold)))
    else if (italic !== undefined) nodes.push(elementOf("em", ...inline(italic)))
    else if (label !== undefined && address !== undefined) nodes.push(linkTo(address, label))
    end = index + all.length
  }
  nodes.push(text.slice(end))
  return nodes.filter((node) => node !== "")
}

const linkTo = (address: string, label: string): HTMLElement => {
  const link = elementOf("a", label)
  link.setAttribute("href", address)
  link.setAttribute("rel", "noopener noreferrer nofollow")
  link.setAttribute("target", "_blank")
  return link
}
