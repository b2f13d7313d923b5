/** Writes bytes as a data URL. */

/** The data URL of bytes in base64. */
export const dataUrl = (mediaType: string | undefined, data: string | undefined): string =>
  `data:${mediaType ?? "application/octet-stream"};base64,${data ?? ""}`
