/** Starts several processes that work at the same time. */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

/** What a process reports. */
export interface Report {
  readonly name: string
  readonly succeeded: number
  readonly failed: number
  readonly refused: number
  readonly errors: ReadonlyArray<string>
  /** How long each booking took, in milliseconds. */
  readonly roundTrips: ReadonlyArray<number>
  /** How long each of many plain commands took meanwhile, in milliseconds. */
  readonly pings: ReadonlyArray<number>
  /** When each request could leave, in milliseconds on the clock of Redis. */
  readonly departures: ReadonlyArray<number>
}

/** A process that is ready. */
export interface Worker {
  readonly go: () => void
  readonly kill: () => void
  readonly report: Promise<Report | undefined>
}

const script = fileURLToPath(new URL("worker.ts", import.meta.url))

/** Starts a process and waits until it is ready. */
const start = (job: object): Promise<Worker> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(job)], {
      stdio: ["pipe", "pipe", "inherit"]
    })
    let text = ""
    const report = new Promise<Report | undefined>((finish) => {
      child.once("exit", () => {
        const last = text.trim().split("\n").at(-1) ?? ""
        finish(last.startsWith("{") ? JSON.parse(last) : undefined)
      })
    })
    child.once("error", reject)
    child.stdout?.on("data", (data) => {
      text += String(data)
      if (text.startsWith("ready")) {
        resolve({ go: () => child.stdin?.write("go\n"), kill: () => child.kill("SIGKILL"), report })
      }
    })
  })

/** Starts a process for each job, and lets all begin when all are ready. */
export const startFleet = async (jobs: ReadonlyArray<object>): Promise<ReadonlyArray<Worker>> => {
  const workers = await Promise.all(jobs.map(start))
  for (const worker of workers) worker.go()
  return workers
}
