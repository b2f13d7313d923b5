/** llm-connectivity/tools: tools that run, the tool loop, and approvals. */
export { ApprovalStore } from "../policy/ApprovalStore.js"
export type {
  ForeignSchema,
  StandardJsonSchema,
  StandardSchema,
  StandardSchemaWithJson
} from "../structured/StandardSchema.js"
export { ApprovalError, type ApprovalErrorReason } from "./approvals/ApprovalError.js"
export { Approvals, type ApprovalsOptions, type ApprovalsService } from "./approvals/Approvals.js"
export { DecidedApproval, type Decision, type PendingApproval, type Resume } from "./approvals/PendingApproval.js"
export type { CallContext, LoopCall } from "./LoopCall.js"
export type { StepSummary } from "./StepSummary.js"
export type { LoopProgress, StopWhen } from "./StopWhen.js"
export { type AnyTool, type FailureMode, type MakeTool, Tool, type ToolOptions } from "./Tool.js"
export * as ToolLoop from "./ToolLoop.js"
export type { EndReason, StepFinished, ToolFailureReason, ToolLoopEvent, ToolLoopResponse } from "./ToolLoopEvent.js"
export type {
  LoopTool,
  StepChanges,
  StepStart,
  ToolLoopOptions,
  ToolLoopRequest,
  ToolSource
} from "./ToolLoopOptions.js"
export type { ToolParameters } from "./ToolParameters.js"
export type { ToolOutcome, ToolResult } from "./ToolResult.js"
