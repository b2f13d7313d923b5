/** Finds the one element that the page has for something. */
export const one = <Kind extends Element>(parent: ParentNode, selector: string, kind: new () => Kind): Kind => {
  const found = parent.querySelector(selector)
  if (found instanceof kind) return found
  throw new Error(`the page has no ${selector}`)
}
