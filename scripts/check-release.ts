/**
 * Checks that what is here can be released, by `npm run check:release`; with `--notes` prints what the changelog says of
 * the version instead.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "./pack.js"

/** What a release is made of. */
export interface Release {
  readonly version: string
  /** As package.json has it. */
  readonly repository: unknown
  readonly changelog: string
}

/** What the changelog says of a version. */
export const notesOf = (changelog: string, version: string): string | undefined => {
  const section = changelog.split(/^## /m).find((each) => each.split("\n", 1)[0]?.trim() === version)
  const notes = section?.slice(section.indexOf("\n")).trim()
  return notes === "" ? undefined : notes
}

const urlOf = (repository: unknown): string =>
  typeof repository === "object" && repository !== null ? String(Reflect.get(repository, "url")) : ""

/** What keeps a release from being published from a repository of GitHub's, `owner/name`. */
export const problemsOf = ({ version, repository, changelog }: Release, publisher: string): ReadonlyArray<string> => {
  const wanted = `git+https://github.com/${publisher}.git`
  return [
    ...(urlOf(repository) === wanted
      ? []
      : [
          `package.json must have "repository": { "type": "git", "url": "${wanted}" }, as npm holds the signature of where the package was built against it`
        ]),
    ...(notesOf(changelog, version) === undefined ? [`CHANGELOG.md says nothing of ${version}`] : [])
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
      ? ["GITHUB_REPOSITORY is not set; set it to the owner/name that publishes"]
      : problemsOf(release, publisher)
  for (const problem of problems) process.stderr.write(`${problem} (see docs/releasing.md)\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
