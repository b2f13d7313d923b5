/** The public names of llm-connectivity/sql. */

export { SqlStoreError } from "./Database.js"
export * as Sql from "./Sql.js"
