/** The global of AWS Lambda's runtime, as far as a handler needs it. */
declare const awslambda: {
  readonly streamifyResponse: <Event>(
    handler: (event: Event, output: import("node:stream").Writable) => Promise<void>
  ) => (event: Event, output: import("node:stream").Writable) => Promise<void>
  readonly HttpResponseStream: {
    readonly from: (output: import("node:stream").Writable, metadata: object) => import("node:stream").Writable
  }
}
