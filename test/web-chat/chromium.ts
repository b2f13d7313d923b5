/** The Chromium that the tests drive: `$CHROMIUM`, or Debian's. */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

export const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium"

export const isInstalled = (): boolean => existsSync(executablePath)

/** Without a sandbox, as root has none, and without what Chromium would ask of the network by itself. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

export const launch = (): Promise<Browser> => chromium.launch({ executablePath, args })
