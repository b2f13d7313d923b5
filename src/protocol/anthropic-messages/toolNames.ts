/** The names of tools. */
import type { ToolNames } from "../Protocol.js"

/** The names that Anthropic accepts for tools: https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use */
export const toolNames: ToolNames = {
  pattern: /^[a-zA-Z0-9_-]{1,128}$/,
  description: 'must be 1 to 128 letters, digits, "_" or "-", without blanks'
}
