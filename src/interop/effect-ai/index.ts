/** The public names of llm-connectivity/effect-ai. */
export * as EffectAi from "./EffectAi.js"
