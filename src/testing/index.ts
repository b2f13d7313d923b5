/** The public names of llm-connectivity/testing. */
export {
  Scripted,
  type ScriptedAnswer,
  type ScriptedAnswers,
  type ScriptedService,
  type ScriptedStep
} from "./Scripted.js"
