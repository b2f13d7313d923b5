/** Reports how long a limiter held up a request. */
import type { LimiterWaited } from "../../provider/CallObserver.js"
import type { CallOptions } from "../../provider/Provider.js"

/** Reports a wait. Requests that need not wait are not reported, as they would fill the histogram. */
export const reportWait = (
  call: CallOptions | undefined,
  limiter: LimiterWaited["limiter"],
  waitMillis: number
): void => {
  if (waitMillis > 0) call?.observer?.onEvent({ type: "limiter-wait", limiter, waitMillis })
}
