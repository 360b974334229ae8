// The prime-order group of Ed25519. A point is its 32-byte little-endian encoding; a scalar is a BigInt modulo ORDER.
import { fromHex, hex, littleEndian } from './bytes.js'
import { baseTimes, isValidPoint, pointPlus, pointTimes } from './sodium.js'

export const NAME = 'Ed25519'
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
export const NEUTRAL = littleEndian(1n)

export function modulo(value) {
  const rest = value % ORDER
  return rest < 0n ? rest + ORDER : rest
}

const same = (first, second) => first.every((byte, index) => byte === second[index])

/** scalar * G. */
export function base(scalar) {
  const reduced = modulo(scalar)
  return reduced ? baseTimes(littleEndian(reduced)) : NEUTRAL
}

/** scalar * point. Throws if the point is not a canonical member of the group. */
export function multiply(scalar, point) {
  const reduced = modulo(scalar)
  if (same(point, NEUTRAL)) return NEUTRAL
  return reduced ? pointTimes(littleEndian(reduced), point) : NEUTRAL
}

export const add = pointPlus

export const isMember = (point) => same(point, NEUTRAL) || isValidPoint(point)

/** The encoding in records and hashes: 64 hexadecimal digits, most significant byte first. */
export const pointText = (point) => hex(Uint8Array.from(point).reverse())

/** The member of the group with this text, not the neutral one: a key. Throws otherwise. */
export function readKey(text) {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error('not 64 hexadecimal digits')
  const point = fromHex(text).reverse()
  if (!isValidPoint(point)) throw new Error('not a member of the group')
  return point
}
