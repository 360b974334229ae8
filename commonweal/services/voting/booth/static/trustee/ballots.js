// Verifies a cast ballot as every auditor does: canonical, of this election, by a listed code, all its proofs true.
import { add, base, NEUTRAL, pointText } from '../crypto/group.js'
import { hashText } from '../crypto/hashing.js'
import { ciphertextText, intervalPrefix, knows, rankedPrefix } from '../crypto/proofs.js'
import { oneOf, readMember, readPoint, readProof } from './proofs.js'
import { exactly, requireFields } from './reading.js'
import { Wrong } from './wrong.js'

const FIELDS = 'election_uuid,election_hash,credential,answers,signature'

/**
 * The ballot's credential, and for each question its ciphertexts, one alone where it is ranked. Throws Wrong, or an Error
 * for a point outside.
 */
export function verifyBallot(election, weights, content) {
  const ballot = JSON.parse(content)
  requireFields(ballot, FIELDS, 'a ballot')
  requireFields(ballot.signature, 'hash,proof', 'a signature')
  if (JSON.stringify(ballot) !== content) throw new Wrong('a canonical ballot')
  const { election_uuid: uuid, election_hash: fingerprint, credential, answers, signature } = ballot
  if (uuid !== election.uuid || fingerprint !== election.fingerprint) throw new Wrong('a ballot of this election')
  if (!weights.has(credential)) throw new Wrong('a ballot by a listed code')
  requireSigned(content, credential, signature)
  if (answers.length !== election.questions.length) throw new Wrong('an answer to each question')
  const context = `${fingerprint}|${credential}`
  const of = (question, index) => (question.ranked ? ranked : marked)(question, answers[index], election.publicKey, context)
  return { credential, answers: election.questions.map(of) }
}

function requireSigned(content, credential, { hash, proof }) {
  const unsigned = `${content.slice(0, content.lastIndexOf(',"signature":'))}}`
  const right = hash === hashText(unsigned) && knows(`sig|${hash}|`, readPoint(credential), readProof(proof))
  if (!right) throw new Wrong('signed with its code')
}

function ranked(_question, answer, publicKey, context) {
  requireFields(answer, 'choices,proof', 'an answer')
  const ciphertext = readCiphertext(answer.choices)
  readMember(answer.choices.beta)
  const prefix = rankedPrefix(context, publicKey, ciphertext)
  if (!knows(prefix, ciphertext.alpha, readProof(answer.proof))) throw new Wrong('an answer that its voter made')
  return [ciphertext]
}

function marked(question, answer, publicKey, context) {
  const { blank, min, max } = question
  requireFields(answer, `choices,individual_proofs,overall_proof${blank ? ',blank_proof' : ''}`, 'an answer')
  const count = question.answers.length + (blank ? 1 : 0)
  const choices = exactly(count, answer.choices).map(readCiphertext)
  exactly(count, answer.individual_proofs).forEach((proofs, index) => {
    const either = [claims(choices[index], 0), claims(choices[index], 1)]
    const proved = oneOf(intervalPrefix(context, choices[index]), either, publicKey, readProofs(2, proofs))
    if (!proved) throw new Wrong('a mark of 0 or 1')
  })
  const whole = `${context}|${choices.map(ciphertextText).join(',')}`
  const together = choices.slice(blank ? 1 : 0).reduce(plus)
  const allowed = Array.from({ length: max - min + 1 }, (_, index) => claims(together, min + index))
  const overall = readProofs(allowed.length + (blank ? 1 : 0), answer.overall_proof)
  const holds = blank
    ? notBoth(choices[0], together, answer, whole, publicKey) &&
      oneOf(`bproof1|${whole}|`, [claims(choices[0], 1), ...allowed], publicKey, overall)
    : oneOf(intervalPrefix(whole, together), allowed, publicKey, overall)
  if (!holds) throw new Wrong('a number of choices that is allowed')
  return choices
}

function notBoth(blank, together, { blank_proof: proofs }, whole, publicKey) {
  return oneOf(`bproof0|${whole}|`, [claims(blank, 0), claims(together, 0)], publicKey, readProofs(2, proofs))
}

/** The statement that the ciphertext encrypts this number. */
const claims = ({ alpha, beta }, mark) => ({ alpha, beta: mark ? add(beta, base(BigInt(-mark))) : beta })

export const plus = (first, second) => ({ alpha: add(first.alpha, second.alpha), beta: add(first.beta, second.beta) })

function readCiphertext(value) {
  requireFields(value, 'alpha,beta', 'a ciphertext')
  const alpha = readPoint(value.alpha)
  if (pointText(NEUTRAL) === value.alpha) throw new Wrong('an encryption that hides the mark')
  return { alpha, beta: readPoint(value.beta) }
}

const readProofs = (count, proofs) => exactly(count, proofs).map(readProof)
