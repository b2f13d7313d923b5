/** The public names of llm-connectivity/testing. */

export type { ErrorKind, ServedError as SimulatedError } from "../protocol/serve/ServedError.js"
export { Cassette, type CassetteOptions, type CassetteService } from "./cassette/Cassette.js"
export { CassetteError, type CassetteErrorReason } from "./cassette/CassetteError.js"
export {
  MockLLM,
  type MockLLMService,
  type MockResponse,
  type MockResponses,
  type MockStep
} from "./MockLLM.js"
export { Simulator, type SimulatorOptions, type SimulatorService } from "./Simulator.js"
export type { Fault, Position } from "./simulator/faults/Fault.js"
export type { SimulatedScript } from "./simulator/Script.js"
export type { ProtocolName, SimulatedReply, SimulatedToolCall } from "./simulator/SimulatedReply.js"
export type { ClosedRequest, SimulatedRequest } from "./simulator/SimulatedRequest.js"
