/** What a client loads on the first request for an object. */
export { chatObject } from "./chatObject.js"
export { codecOf } from "./ObjectSchema.js"
export { partialObjects, withJsonFormat } from "./objects.js"
