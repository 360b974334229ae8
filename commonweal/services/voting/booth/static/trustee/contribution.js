// What a trustee brings to the ballot server, signed so that nobody brings it in another's name.
import { utf8 } from '../crypto/bytes.js'
import { signatureOf } from './proofs.js'
import { digestOf } from './record.js'

/** The shuffle or decryption `value` of the trustee with this private key, number `owner` from 1. */
export function contribution(kind, key, owner, fingerprint, value) {
  const content = JSON.stringify(value)
  const signature = signatureOf(claim(kind, fingerprint, digestOf(utf8(content))), key)
  return JSON.stringify({ kind, owner, content, signature })
}

/** What the trustee signs about content with this hash. */
export const claim = (kind, fingerprint, digest) => `commonweal/${kind}|${fingerprint}|${digest}`
