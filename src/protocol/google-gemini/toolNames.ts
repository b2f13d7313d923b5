/** The names of tools. */
import type { ToolNames } from "../Protocol.js"

/** The names that Gemini accepts for functions: https://ai.google.dev/api/caching#FunctionDeclaration */
export const toolNames: ToolNames = {
  pattern: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/,
  description:
    'must begin with a letter or "_", and have up to 128 letters, digits, "_", "-", "." or ":", without blanks'
}
