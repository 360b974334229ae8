// The private credential that a voter was sent: 22 characters of Base58 as 5-6-5-6.
import { hex, utf8 } from './bytes.js'
import { modulo } from './group.js'
import { sha256 } from './sodium.js'

export const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const LENGTH = 22

/**
 * Reads what was typed, spaces and hyphens aside: `{ code }`, or `{ wrong }` with the characters that no credential
 * holds, or `{ length }` if there are too few or too many.
 */
export function readCredential(typed) {
  const letters = typed.replace(/[\s\u2010-\u2015-]/gu, '')
  const wrong = [...new Set(letters)].filter((letter) => !BASE58.includes(letter))
  if (wrong.length) return { wrong }
  if (letters.length !== LENGTH) return { length: letters.length }
  return { code: [letters.slice(0, 5), letters.slice(5, 11), letters.slice(11, 16), letters.slice(16)].join('-') }
}

/** The signing key behind a private credential in one election. */
export function secretOf(code, uuid) {
  const halves = [0, 1].map((half) => hex(sha256(utf8(`derive_credential|${uuid}|${half}|${code}`))))
  return modulo(BigInt(`0x${halves.join('')}`))
}
