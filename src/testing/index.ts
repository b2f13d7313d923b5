/** The public names of llm-connectivity/testing. */
export {
  MockLLM,
  type ScriptedAnswer,
  type ScriptedAnswers,
  type ScriptedService,
  type ScriptedStep
} from "./MockLLM.js"
export { Simulator, type SimulatorOptions, type SimulatorService } from "./Simulator.js"
export type { Fault, Position } from "./simulator/Fault.js"
export type { ProtocolName, SimulatedReply, SimulatedToolCall } from "./simulator/Reply.js"
export type { ClosedRequest, SimulatedRequest } from "./simulator/Request.js"
export type { SimulatedScript } from "./simulator/Script.js"
export type { ErrorKind, SimulatedError } from "./simulator/SimulatedError.js"
