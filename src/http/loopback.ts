/** Recognizes loopback hosts, which only programs on the same machine reach. */

/** Whether a host name or an address, in brackets or not, is a loopback one. */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|::1|\[::1\]|(?:::ffff:)?127(?:\.\d{1,3}){3})$/.test(host)
