// What trustees send each other in secret while they make a threshold key: signed by one, sealed to one.
import { fromHex, hex, utf8 } from '../crypto/bytes.js'
import { add, base, multiply, ORDER, pointText } from '../crypto/group.js'
import { systemRandomness } from '../crypto/randomness.js'
import { sha256 } from '../crypto/sodium.js'
import { readMember, requireSignature, signatureOf } from './proofs.js'
import { Wrong } from './wrong.js'

const CIPHER = 'AES-GCM'

/** The message, signed with the sender's key and sealed to the recipient's. */
export async function seal(message, sender, recipient) {
  const inner = JSON.stringify({ recipient: pointText(recipient), message })
  const plaintext = JSON.stringify({ message: inner, signature: signatureOf(inner, sender) })
  const [r, secret] = [systemRandomness().scalar(), base(systemRandomness().scalar())]
  const alpha = base(r)
  const { key, options } = await cipher(secret, alpha)
  const data = new Uint8Array(await crypto.subtle.encrypt(options, key, utf8(plaintext)))
  const beta = add(multiply(r, recipient), secret)
  return JSON.stringify({ algorithm: CIPHER, alpha: pointText(alpha), beta: pointText(beta), data: hex(data) })
}

/** The message that was sealed to this decryption key. Throws Wrong if it was altered, or not signed by the sender. */
export async function unseal(sealed, sender, decryptionKey) {
  const { alpha, beta, data } = JSON.parse(sealed)
  const first = readMember(alpha)
  const secret = add(readMember(beta), multiply(ORDER - decryptionKey, first))
  const { key, options } = await cipher(secret, first)
  const opened = await crypto.subtle.decrypt(options, key, fromHex(data)).catch(() => null)
  if (!opened) throw new Wrong('a message for this trustee')
  const { message, signature } = JSON.parse(new TextDecoder().decode(opened))
  requireSignature(message, sender, signature, 'the sender')
  const inner = JSON.parse(message)
  if (inner.recipient !== pointText(base(decryptionKey))) throw new Wrong('a message for this trustee')
  return inner.message
}

async function cipher(secret, alpha) {
  const digest = (label, point) => sha256(utf8(`${label}|${pointText(point)}`))
  const key = await crypto.subtle.importKey('raw', digest('key', secret), CIPHER, false, ['encrypt', 'decrypt'])
  return { key, options: { name: CIPHER, iv: digest('iv', alpha) } }
}
