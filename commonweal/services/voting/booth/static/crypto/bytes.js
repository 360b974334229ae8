// Bytes, numbers and their texts.
const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function hex(bytes) {
  let text = ''
  for (const byte of bytes) text += PAIRS[byte]
  return text
}

export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))

/** The number that big-endian bytes spell. */
export const number = (bytes) => BigInt(`0x${hex(bytes) || '0'}`)

/** A number below 2**256 as 32 little-endian bytes. */
export function littleEndian(value) {
  const view = new DataView(new ArrayBuffer(32))
  for (let word = 0; word < 4; word += 1) {
    view.setBigUint64(8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true)
  }
  return new Uint8Array(view.buffer)
}

export const utf8 = (text) => new TextEncoder().encode(text)

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Standard Base64 without padding. */
export const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('=', '')

/** Base64 for addresses: - and _ instead of + and /, without padding. */
export const base64url = (bytes) => base64(bytes).replaceAll('+', '-').replaceAll('/', '_')

/** The bytes of a base64url text. Throws for anything else. */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error('not base64url')
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
}
