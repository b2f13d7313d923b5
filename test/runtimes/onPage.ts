/** Puts the program on a page, for the driver of the browser to run. */
import { run } from "./program.js"

Object.assign(globalThis, { run })
