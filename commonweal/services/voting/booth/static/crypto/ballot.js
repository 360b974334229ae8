// A ballot, byte for byte as commonweal.services.voting.engine.ballots makes it from the same seed.
import { encodeNumbers } from './coding.js'
import { add, base, multiply, pointText } from './group.js'
import { hashText } from './hashing.js'
import {
  ciphertextJson,
  ciphertextText,
  encrypt,
  intervalPrefix,
  knows,
  proofJson,
  proveKnowledge,
  proveOneOf,
  rankedPrefix,
} from './proofs.js'

/**
 * The ballot of the credential with this secret. `choices` holds for each question 0 or 1 for each answer (first the
 * blank mark where blank is allowed), or for a ranked question a number for each answer. `signing` gives the
 * signature's w, which must never be shown beside the signature: the two give away the credential.
 */
export function makeBallot(election, secret, choices, randomness, signing) {
  const credential = base(secret)
  const unsigned = unsignedBallot(election, credential, choices, randomness)
  const signature = proveKnowledge(signaturePrefix(unsigned), secret, signing)
  return { content: signed(unsigned, signature), credential, signature }
}

/** What a device must have made of these choices, randomness and signature, and whether the signature is right. */
export function rebuildBallot(election, credential, choices, randomness, signature) {
  const unsigned = unsignedBallot(election, credential, choices, randomness)
  return {
    content: signed(unsigned, signature),
    signatureHolds: knows(signaturePrefix(unsigned), credential, signature),
  }
}

/** The hash by which voters find a ballot on the board. */
export const trackerOf = hashText

function unsignedBallot(election, credential, choices, randomness) {
  const context = `${election.fingerprint}|${pointText(credential)}`
  return {
    election_uuid: election.uuid,
    election_hash: election.fingerprint,
    credential: pointText(credential),
    answers: election.questions.map((question, index) => {
      const answer = question.ranked ? rankedAnswer : markedAnswer
      return answer(question, choices[index], election.publicKey, context, randomness)
    }),
  }
}

const signedHash = (unsigned) => hashText(JSON.stringify(unsigned))

const signaturePrefix = (unsigned) => `sig|${signedHash(unsigned)}|`

const signed = (unsigned, signature) =>
  JSON.stringify({ ...unsigned, signature: { hash: signedHash(unsigned), proof: proofJson(signature) } })

function markedAnswer(question, marks, publicKey, context, randomness) {
  checkMarks(question, marks)
  const encrypted = marks.map((mark) => {
    const secret = randomness.scalar()
    const ciphertext = encrypt(publicKey, mark, secret)
    const zeroOrOne = [
      { secret, error: mark },
      { secret, error: mark - 1 },
    ]
    const proofs = proveOneOf(intervalPrefix(context, ciphertext), zeroOrOne, publicKey, randomness)
    return { secret, ciphertext, proofs }
  })
  const whole = `${context}|${encrypted.map(({ ciphertext }) => ciphertextText(ciphertext)).join(',')}`
  return {
    choices: encrypted.map(({ ciphertext }) => ciphertextJson(ciphertext)),
    individual_proofs: encrypted.map(({ proofs }) => proofs.map(proofJson)),
    ...(question.blank ? blankOrAllowed : allowed)(question, marks, encrypted, whole, publicKey, randomness),
  }
}

function allowed(question, marks, encrypted, whole, publicKey, randomness) {
  const [secret, count] = summed(marks, encrypted)
  const sum = encrypt(publicKey, count, secret)
  const branches = inRange(question, secret, count)
  return { overall_proof: proveOneOf(intervalPrefix(whole, sum), branches, publicKey, randomness).map(proofJson) }
}

function blankOrAllowed(question, marks, encrypted, whole, publicKey, randomness) {
  const [secret, count] = summed(marks.slice(1), encrypted.slice(1))
  const blank = { secret: encrypted[0].secret, error: marks[0] }
  const notBoth = proveOneOf(`bproof0|${whole}|`, [blank, { secret, error: count }], publicKey, randomness)
  const either = [{ ...blank, error: marks[0] - 1 }, ...inRange(question, secret, count)]
  const overall = proveOneOf(`bproof1|${whole}|`, either, publicKey, randomness)
  return { overall_proof: overall.map(proofJson), blank_proof: notBoth.map(proofJson) }
}

const summed = (marks, encrypted) => [
  encrypted.reduce((sum, { secret }) => sum + secret, 0n),
  marks.reduce((sum, mark) => sum + mark, 0),
]

const inRange = ({ min, max }, secret, count) =>
  Array.from({ length: max - min + 1 }, (_, index) => ({ secret, error: count - (min + index) }))

/** Throws unless every mark is 0 or 1 and their number is allowed, or the vote is blank. */
function checkMarks({ answers, blank, min, max }, marks) {
  const expected = answers.length + (blank ? 1 : 0)
  const chosen = marks.slice(blank ? 1 : 0).reduce((sum, mark) => sum + mark, 0)
  const isBlank = blank && marks[0] === 1
  const countIsRight = isBlank ? chosen === 0 : chosen >= min && chosen <= max
  if (marks.length !== expected || marks.some((mark) => mark !== 0 && mark !== 1) || !countIsRight) {
    throw new Error('a choice that the question does not allow')
  }
}

function rankedAnswer(question, numbers, publicKey, context, randomness) {
  if (numbers.length !== question.answers.length) throw new Error('a number for each answer is needed')
  const secret = randomness.scalar()
  const ciphertext = { alpha: base(secret), beta: add(multiply(secret, publicKey), encodeNumbers(numbers)) }
  const proof = proveKnowledge(rankedPrefix(context, publicKey, ciphertext), secret, randomness)
  return { choices: ciphertextJson(ciphertext), proof: proofJson(proof) }
}
