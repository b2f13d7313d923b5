/** How well the texts and the edges of a page stand out, from the colours that the browser really shows. */

/** A text or the edge of a control, and how much it stands out from what is behind it. */
export interface Contrast {
  readonly text: string
  readonly ratio: number
  /** What WCAG 2.2 asks for at level AA: 4.5 for text, 3 for the edge of a control. */
  readonly least: number
}

/** Measures all that is visible; runs in the page, and so has all that it needs inside. */
export const contrasts = (): ReadonlyArray<Contrast> => {
  type Colour = readonly [red: number, green: number, blue: number, alpha: number]
  const colourOf = (css: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number)
    return [red, green, blue, alpha]
  }
  const over = (front: Colour, back: Colour): Colour => {
    const mix = (index: 0 | 1 | 2) => front[index] * front[3] + back[index] * (1 - front[3])
    return [mix(0), mix(1), mix(2), 1]
  }
  const behind = (element: Element | null): Colour =>
    element === null
      ? [255, 255, 255, 1]
      : over(colourOf(getComputedStyle(element).backgroundColor), behind(element.parentElement))
  const luminance = ([red, green, blue]: Colour): number => {
    const linear = (part: number) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
  const ratioOf = (css: string, back: Colour): number => {
    const [low = 0, high = 0] = [luminance(over(colourOf(css), back)), luminance(back)].sort((a, b) => a - b)
    return Math.round(((high + 0.05) / (low + 0.05)) * 100) / 100
  }
  return Array.from(document.querySelectorAll("body *")).flatMap((element) => {
    if (!element.checkVisibility() || element.matches(".unseen, noscript")) return []
    const { color, borderTopColor, borderTopStyle } = getComputedStyle(element)
    const own = Array.from(element.childNodes).filter((node) => node.nodeType === Node.TEXT_NODE)
    const text = own.map((node) => node.textContent?.trim()).join("")
    const placeholder = element.matches("textarea:placeholder-shown") ? element.getAttribute("placeholder") : null
    const hint = getComputedStyle(element, "::placeholder").color
    const isControl = element.matches("button, textarea") && borderTopStyle !== "none"
    const isFilled = colourOf(borderTopColor)[3] === 0
    return [
      ...(text === "" ? [] : [{ text, ratio: ratioOf(color, behind(element)), least: 4.5 }]),
      ...(placeholder === null ? [] : [{ text: placeholder, ratio: ratioOf(hint, behind(element)), least: 4.5 }]),
      ...(isControl && !isFilled
        ? [
            {
              text: `edge of ${element.id || text}`,
              ratio: ratioOf(borderTopColor, behind(element.parentElement)),
              least: 3
            }
          ]
        : [])
    ]
  })
}
