// Where secret numbers come from: the device, or one 32-byte seed from which a second device can draw the same ones.
import { join, number, utf8 } from './bytes.js'
import { modulo } from './group.js'
import { hmacSha512 } from './sodium.js'

export const SEED_BYTES = 32
const LABEL = utf8('commonweal/ballot/v1')

export const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))

/** A source that draws from the device's own generator. */
export const systemRandomness = () => ({ scalar: () => modulo(number(randomBytes(64))) })

/** The i-th number, from 0, is HMAC-SHA-512(seed, label || i as 8 bytes) modulo the group order, all big-endian. */
export function seededRandomness(seed) {
  if (seed.length !== SEED_BYTES) throw new Error(`a seed has ${SEED_BYTES} bytes`)
  const counter = new Uint8Array(8)
  const view = new DataView(counter.buffer)
  let drawn = 0
  return {
    scalar() {
      view.setUint32(4, drawn)
      drawn += 1
      return modulo(number(hmacSha512(seed, join(LABEL, counter))))
    },
  }
}
