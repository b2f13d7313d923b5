/** The public names of llm-connectivity/mcp. */

export { MissingPeerError } from "../../domain/MissingPeerError.js"
export * as Mcp from "./Mcp.js"
export { McpError, type McpErrorReason } from "./McpError.js"
export type { McpLimits } from "./McpLimits.js"
export type { McpAddress, McpCommand, McpOptions, McpTool, McpToolOptions, McpUrl } from "./McpOptions.js"
