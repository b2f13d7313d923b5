/** What can be chosen for a simulation. */
import * as Options from "@effect/cli/Options"
import * as Flags from "../Flags.js"
import { errorNames, faultNames } from "./faults.js"

/** The options. */
export const options = Options.all({
  port: Flags.wholeNumber(
    { name: "port", value: "n", help: "Where it listens on 127.0.0.1; any free port by default" },
    0,
    65535
  ),
  pace: Flags.duration({
    name: "pace",
    value: "time",
    help: "The pause between two pieces of an answer; 20ms by default"
  }),
  error: Flags.word(
    { name: "error", value: "kind", help: `Refuse requests as the providers do: ${errorNames.join(", ")}` },
    errorNames
  ),
  retryAfter: Flags.duration({
    name: "retry-after",
    value: "time",
    help: "With --error: how long the caller is told to wait"
  }),
  fault: Flags.word(
    { name: "fault", value: "kind", help: `What goes wrong on the way: ${faultNames.join(", ")}` },
    faultNames
  ),
  after: Flags.wholeNumber(
    { name: "after", value: "n", help: "With --fault: after how many pieces of the answer; 3 by default" },
    0
  ),
  delay: Flags.duration({ name: "delay", value: "time", help: "With a slow --fault: how slow; 5s by default" }),
  first: Flags.wholeNumber(
    { name: "first", value: "n", help: "Only the first n requests go wrong, so that retries can be seen to help" },
    1
  ),
  every: Flags.wholeNumber({ name: "every", value: "n", help: "Only every n-th request goes wrong" }, 1)
})

/** What was chosen for a simulation. */
export type SimulateOptions = Flags.Chosen<typeof options>
