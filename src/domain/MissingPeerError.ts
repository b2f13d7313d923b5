/** The error of a layer whose optional package is not installed. */
import * as Data from "effect/Data"

/** An optional package is missing; `install` is the command that installs it. */
export class MissingPeerError extends Data.TaggedError("MissingPeerError")<{
  /** The name of the package, such as `ioredis`. */
  readonly package: string
  /** The command that installs it. */
  readonly install: string
  /** One line that says what is missing and what to do. */
  readonly message: string
}> {
  /** Makes the error of one package; `version` is the range that is supported. */
  static readonly of = (name: string, version: string): MissingPeerError => {
    const install = `npm install ${name}@${version}`
    return new MissingPeerError({ package: name, install, message: `${name} is not installed; run: ${install}` })
  }
}
