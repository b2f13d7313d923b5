/** The types of the small server. */

/** Makes a server, which takes the messages of a client. */
export declare const serve: (
  settings: object,
  send: (message: object) => void,
  crash: () => void
) => (message: object) => void
