/**
 * Checks that the current version can be released. `npm run check:release` runs it. With `--notes` it prints the
 * changelog of the version instead.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "./pack.js"

/** The data of a release. */
export interface Release {
  readonly version: string
  /** The field of package.json. */
  readonly repository: unknown
  readonly changelog: string
}

/** The changelog of a version; `undefined` if there is none. */
export const notesOf = (changelog: string, version: string): string | undefined => {
  const section = changelog.split(/^## /m).find((text) => text.split("\n", 1)[0]?.trim() === version)
  const notes = section?.slice(section.indexOf("\n")).trim()
  return notes === "" ? undefined : notes
}

const urlOf = (repository: unknown): string =>
  typeof repository === "object" && repository !== null ? String(Reflect.get(repository, "url")) : ""

/** The problems that prevent a release from the GitHub repository `owner/name`. */
export const problemsOf = ({ version, repository, changelog }: Release, publisher: string): ReadonlyArray<string> => {
  const expected = `git+https://github.com/${publisher}.git`
  return [
    ...(urlOf(repository) === expected
      ? []
      : [
          `package.json must have "repository": { "type": "git", "url": "${expected}" }: npm compares it with the signature, which names the repository of the build, and resolves the relative links of the README with it`
        ]),
    ...(notesOf(changelog, version) === undefined ? [`CHANGELOG.md has no section for ${version}`] : [])
  ]
}

const read = (): Release => ({
  ...JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
  changelog: readFileSync(join(root, "CHANGELOG.md"), "utf8")
})

const main = (): void => {
  const release = read()
  if (process.argv.includes("--notes")) {
    process.stdout.write(`${notesOf(release.changelog, release.version) ?? ""}\n`)
    return
  }
  const publisher = process.env["GITHUB_REPOSITORY"]
  const problems =
    publisher === undefined
      ? ["GITHUB_REPOSITORY is not set; set it to the owner/name of the publishing repository"]
      : problemsOf(release, publisher)
  for (const problem of problems) process.stderr.write(`${problem} (see docs/releasing.md)\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
