// How a ranked answer becomes one point: a big-endian base-256 number, shifted by 14 bits, plus the least that lies in
// the group.
import { littleEndian, number } from './bytes.js'
import { isMember } from './group.js'

const PADDING_BITS = 14n

/** Throws for a value outside 0 to 255 or more than 30 of them. */
export function encodeNumbers(values) {
  if (values.length > 30 || values.some((value) => !Number.isInteger(value) || value < 0 || value > 255)) {
    throw new Error('at most 30 numbers from 0 to 255')
  }
  const code = number(Uint8Array.from(values)) << PADDING_BITS
  for (let added = 0n; added < 1n << PADDING_BITS; added += 1n) {
    const point = littleEndian(code + added)
    if (isMember(point)) return point
  }
  throw new Error('no point for these numbers')
}
