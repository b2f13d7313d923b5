/** Tells the bench the address of a gateway, and on request its CPU time so far and its peak memory. */

/** @param {string} address */
export const reportCpu = (address) => {
  process.on("message", () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ micros: user + system, peak: process.resourceUsage().maxRSS * 1024 })
  })
  process.on("disconnect", () => process.exit())
  process.send?.(address)
}
