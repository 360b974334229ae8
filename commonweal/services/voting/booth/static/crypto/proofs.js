// The proofs of a ballot: a challenge c and a response z = w - c * secret.
import { add, base, modulo, multiply, pointText } from './group.js'
import { challenge } from './hashing.js'

export const ciphertextText = ({ alpha, beta }) => `${pointText(alpha)},${pointText(beta)}`

/** alpha = r * G, beta = r * y + m * G. */
export function encrypt(publicKey, plaintext, secret) {
  const shared = multiply(secret, publicKey)
  return { alpha: base(secret), beta: plaintext ? add(shared, base(BigInt(plaintext))) : shared }
}

/** Schnorr's proof of the secret behind secret * G, with c = H(prefix + A). Draws w. */
export function proveKnowledge(prefix, secret, randomness) {
  const w = randomness.scalar()
  const c = challenge(prefix + pointText(base(w)))
  return { challenge: c, response: modulo(w - secret * c) }
}

/** Whether the proof shows knowledge of the secret behind the image. */
export function knows(prefix, image, proof) {
  const commitment = add(base(proof.response), multiply(proof.challenge, image))
  return challenge(prefix + pointText(commitment)) === proof.challenge
}

/**
 * That one of the branches has error 0, without telling which. A branch is what its prover knows: the randomness
 * `secret`, and `error`, how far the plaintext is from what the branch claims. In branch order, draws challenge and
 * response for a simulated branch, w for the proved one.
 */
export function proveOneOf(prefix, branches, publicKey, randomness) {
  const proved = branches.findIndex((branch) => branch.error === 0)
  let w = 0n
  let others = 0n
  const commitments = []
  const proofs = branches.map(({ secret, error }, index) => {
    if (index === proved) {
      w = randomness.scalar()
      commitments.push(`${pointText(base(w))},${pointText(multiply(w, publicKey))}`)
      return null
    }
    const simulated = { challenge: randomness.scalar(), response: randomness.scalar() }
    const nonce = simulated.response + simulated.challenge * secret
    const second = add(multiply(nonce, publicKey), base(simulated.challenge * BigInt(error)))
    commitments.push(`${pointText(base(nonce))},${pointText(second)}`)
    others += simulated.challenge
    return simulated
  })
  const c = modulo(challenge(prefix + commitments.join(',')) - others)
  proofs[proved] = { challenge: c, response: modulo(w - branches[proved].secret * c) }
  return proofs
}

/** What a proof of interval membership hashes before its commitments. */
export const intervalPrefix = (context, ciphertext) => `prove|${context}|${ciphertextText(ciphertext)}|`

/** What the proof of a ranked answer hashes before its commitment. */
export const rankedPrefix = (context, publicKey, ciphertext) =>
  `raweg|${context}|${pointText(publicKey)},${ciphertextText(ciphertext)}|`

export const proofJson = (proof) => ({ challenge: `${proof.challenge}`, response: `${proof.response}` })

export const ciphertextJson = ({ alpha, beta }) => ({ alpha: pointText(alpha), beta: pointText(beta) })
