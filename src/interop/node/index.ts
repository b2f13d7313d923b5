/** The public names of llm-connectivity/node. */

export * as DirectHttpClient from "./DirectHttpClient.js"
