import { expect, it } from "vitest"
import { JsonReader } from "../../src/structured/JsonReader.js"

it.each(["[", '{"a":'])("partial JSON opens at most 256 levels of %s", (repeated) => {
  let opened = 0
  const ignore = () => {}
  const reader = new JsonReader({
    begin: () => {
      opened += 1
    },
    key: ignore,
    text: ignore,
    end: ignore,
    scalar: ignore
  })
  for (let count = 0; count < 60_000; count++) reader.push(repeated)
  expect(opened).toBe(256)
})
