/** Installs Debian's Chromium where it is missing and that is permitted, or else says what to install. */
import { spawnSync } from "node:child_process"
import { executablePath, isInstalled } from "./chromium.js"

const run = (command: string, ...args: ReadonlyArray<string>): boolean =>
  spawnSync(command, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  }).status === 0

const install = (): boolean =>
  process.getuid?.() === 0 &&
  process.env["CHROMIUM"] === undefined &&
  run("apt-get", "update", "-q") &&
  run("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium") &&
  isInstalled()

if (!isInstalled() && !install()) {
  process.stderr.write(
    `There is no Chromium at ${executablePath}: install one ("apt-get install chromium" on Debian, as root), or set CHROMIUM to its path.\n`
  )
  process.exitCode = 1
}
