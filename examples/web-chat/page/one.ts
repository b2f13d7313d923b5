/** Finds an element by its selector; throws if it is missing. */
export const one = <Kind extends Element>(parent: ParentNode, selector: string, kind: new () => Kind): Kind => {
  const found = parent.querySelector(selector)
  if (found instanceof kind) return found
  throw new Error(`the page has no ${selector}`)
}
