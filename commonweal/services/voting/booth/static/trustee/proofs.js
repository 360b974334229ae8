// Checking what others proved or signed, and what only a trustee proves: the other half of crypto/proofs.js.
import { fromHex } from '../crypto/bytes.js'
import { add, base, isMember, modulo, multiply, ORDER, pointText } from '../crypto/group.js'
import { challenge } from '../crypto/hashing.js'
import { knows, proofJson, proveKnowledge } from '../crypto/proofs.js'
import { systemRandomness } from '../crypto/randomness.js'
import { Wrong } from './wrong.js'

const SCALAR = /^(0|[1-9]\d{0,77})$/

/** The number below the group order that a decimal text says. Throws Wrong. */
export function readScalar(words) {
  if (typeof words !== 'string' || !SCALAR.test(words) || BigInt(words) >= ORDER) throw new Wrong('a scalar')
  return BigInt(words)
}

/** A proof of the record. Throws Wrong for other fields or numbers. */
export function readProof(value) {
  if (`${Object.keys(value ?? {})}` !== 'challenge,response') throw new Wrong('a proof')
  return { challenge: readScalar(value.challenge), response: readScalar(value.response) }
}

/** The point of a text, membership not yet checked: for points that are multiplied right away. Throws Wrong. */
export function readPoint(words) {
  if (!/^[0-9a-f]{64}$/.test(words)) throw new Wrong('a point')
  return fromHex(words).reverse()
}

/** The member of the group with this text. Throws Wrong. */
export function readMember(words) {
  const point = readPoint(words)
  if (!isMember(point)) throw new Wrong('a member of the group')
  return point
}

/** Whether the proofs show that one of the statements (alpha, beta) encrypts 0. Throws for points outside the group. */
export function oneOf(prefix, statements, publicKey, proofs) {
  const commitments = statements.map(({ alpha, beta }, index) => {
    const { challenge: c, response: z } = proofs[index]
    const [first, second] = [add(base(z), multiply(c, alpha)), add(multiply(z, publicKey), multiply(c, beta))]
    return `${pointText(first)},${pointText(second)}`
  })
  return challenge(prefix + commitments.join(',')) === modulo(proofs.reduce((sum, proof) => sum + proof.challenge, 0n))
}

/** That key * alpha was made with the key behind publicKey. */
export function proveDecryption(fingerprint, key, publicKey, alpha) {
  const w = systemRandomness().scalar()
  const commitments = `${pointText(base(w))},${pointText(multiply(w, alpha))}`
  const c = challenge(`decrypt|${fingerprint}|${pointText(publicKey)}|${commitments}`)
  return { challenge: c, response: modulo(w - key * c) }
}

const keyPrefix = (publicKey) => `pok|Ed25519|${pointText(publicKey)}|`
const messagePrefix = (message) => `sigmsg|${message}|`

/** A public key as the record has it, with the proof that its owner knows the private one. */
export function publicKeyOf(key) {
  const publicKey = base(key)
  const pok = proveKnowledge(keyPrefix(publicKey), key, systemRandomness())
  return { pok: proofJson(pok), public_key: pointText(publicKey) }
}

/** The key of a trustee in the record, its proof checked. Throws Wrong. */
export function readTrusteeKey({ pok, public_key: words }) {
  const publicKey = readMember(words)
  if (!knows(keyPrefix(publicKey), publicKey, readProof(pok))) throw new Wrong('a proof of a trustee’s key')
  return publicKey
}

/** The signature of a message with a private key, as the record has it. */
export const signatureOf = (message, key) => proofJson(proveKnowledge(messagePrefix(message), key, systemRandomness()))

/** Throws Wrong unless the signature of the message is that of the public key. */
export function requireSignature(message, publicKey, signature, whose) {
  if (!knows(messagePrefix(message), publicKey, readProof(signature))) throw new Wrong(`a signature of ${whose}`)
}
