/** The characters that must not reach a terminal. */

/**
 * Matches control characters, which a terminal executes, and those that change the direction or the form of the text
 * around them, by which a text can look like another (the `Bidi_Control` characters of Unicode and the deprecated format
 * characters beside them).
 */
export const unprintable: RegExp =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/g

/** Checks whether a code point changes the direction or the form of the text around it. */
export const isDirectional = (code: number): boolean =>
  code >= 0x61c &&
  (code === 0x61c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x206f))
