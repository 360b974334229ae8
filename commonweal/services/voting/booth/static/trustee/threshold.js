// Threshold keys: of `size` trustees any `threshold` decrypt, fewer learn nothing. Each trustee, known by a seed that
// only they hold, makes three moves: certificate, shares, key. The same as commonweal.services.voting.engine.pedersen.
import { BASE58 } from '../crypto/credential.js'
import { add, base, modulo, multiply, NAME, NEUTRAL, pointText, readKey } from '../crypto/group.js'
import { challenge } from '../crypto/hashing.js'
import { systemRandomness } from '../crypto/randomness.js'
import { seal, unseal } from './channel.js'
import { publicKeyOf, readMember, readScalar, readTrusteeKey, requireSignature, signatureOf } from './proofs.js'
import { Wrong } from './wrong.js'

const SEED_LENGTH = 22

export function newSeed() {
  let left = systemRandomness().scalar()
  let seed = ''
  for (let place = 0; place < SEED_LENGTH; place += 1) {
    seed += BASE58[Number(left % 58n)]
    left /= 58n
  }
  return seed
}

const signingKey = (seed) => challenge(`sk|${seed}`)
const decryptionKey = (seed) => challenge(`dk|${seed}`)
const signed = (message, key) => ({ message, signature: signatureOf(message, key) })
const sum = (points) => points.reduce(add, NEUTRAL)

/** First move: the trustee's keys towards the others, signed by themselves. `index` counts from 1. */
export function certificate({ seed, size, threshold, index }) {
  const context = { group: NAME, size, threshold, index }
  const keys = { verification: pointText(base(signingKey(seed))), encryption: pointText(base(decryptionKey(seed))) }
  return signed(JSON.stringify({ context, ...keys }), signingKey(seed))
}

/** Second move, given all certificates: a fresh polynomial, its value at j sealed to trustee j. Throws Wrong. */
export async function share({ seed, threshold }, certificates) {
  const opened = openedCertificates(certificates, threshold)
  place(opened, seed)
  const polynomial = Array.from({ length: threshold }, () => systemRandomness().scalar())
  const at = (x) => modulo(polynomial.reduceRight((value, coefficient) => value * BigInt(x) + coefficient, 0n))
  const coefexps = JSON.stringify({ coefexps: polynomial.map((coefficient) => pointText(base(coefficient))) })
  const secrets = opened.map(({ index, encryption }) =>
    seal(JSON.stringify({ secret: `${at(index)}` }), signingKey(seed), encryption),
  )
  return {
    secrets: await Promise.all(secrets),
    coefexps: signed(coefexps, signingKey(seed)),
    signature: signatureOf(agreement(certificates, coefexps), signingKey(seed)),
  }
}

/** Third move, given all certificates and shares: `{ privateKey, publicKey }`. Throws Wrong, naming who lied. */
export async function finish({ seed, threshold }, certificates, shares) {
  const opened = openedCertificates(certificates, threshold)
  const mine = place(opened, seed)
  const committed = openedCoefficients(certificates, opened, shares)
  const received = await Promise.all(
    shares.map(async ({ secrets }, sender) => {
      const message = await unseal(secrets[mine - 1], opened[sender].verification, decryptionKey(seed))
      const value = readScalar(JSON.parse(message).secret)
      const right = pointText(base(value)) === pointText(imageAt(committed[sender], mine))
      if (!right) throw new Wrong(`a true share of trustee ${sender + 1}`)
      return value
    }),
  )
  const privateKey = modulo(received.reduce((total, value) => total + value, 0n))
  const publicKey = publicKeyOf(privateKey)
  return { privateKey, publicKey: { ...publicKey, signature: signatureOf(publicKey.public_key, signingKey(seed)) } }
}

/** The decryption keys by owner, and the whole election key, of the record's trustees. Throws Wrong for a false one. */
export function readTrustees(items) {
  const read = items.map(([kind, value]) => {
    if (kind === 'Pedersen') return readGroup(value)
    const key = readTrusteeKey(value)
    return { keys: [key], subKey: key }
  })
  return { keys: read.flatMap(({ keys }) => keys), whole: sum(read.map(({ subKey }) => subKey)) }
}

function readGroup({ threshold, certs, coefexps, signatures, verification_keys: keys }) {
  const opened = openedCertificates(certs, threshold)
  const shares = coefexps.map((message, index) => ({ coefexps: message, signature: signatures[index] }))
  const committed = openedCoefficients(certs, opened, shares)
  const read = opened.map(({ index, verification }) => {
    const key = readTrusteeKey(keys[index - 1])
    const expected = sum(committed.map((points) => imageAt(points, index)))
    if (pointText(key) !== pointText(expected)) throw new Wrong(`the key of trustee ${index}`)
    requireSignature(pointText(key), verification, keys[index - 1].signature, `trustee ${index}`)
    return key
  })
  return { keys: read, subKey: sum(committed.map(([constant]) => constant)) }
}

function openedCertificates(messages, threshold) {
  const size = messages.length
  if (!(threshold >= 1 && threshold <= size)) throw new Wrong(`a threshold of 1 to ${size}`)
  const opened = messages.map(({ message, signature }, at) => {
    const index = at + 1
    const { verification, encryption } = JSON.parse(message)
    const context = { group: NAME, size, threshold, index }
    if (message !== JSON.stringify({ context, verification, encryption })) {
      throw new Wrong(`certificate ${index} of ${size} for a threshold of ${threshold}`)
    }
    const keys = { index, verification: readKey(verification), encryption: readKey(encryption) }
    requireSignature(message, keys.verification, signature, `trustee ${index}`)
    return keys
  })
  const different = new Set(opened.map(({ verification }) => pointText(verification)))
  if (different.size !== size) throw new Wrong('certificates of different trustees')
  return opened
}

/** The points that commit each trustee to their polynomial, signed with the same certificates by all. */
function openedCoefficients(certificates, opened, shares) {
  if (shares.length !== opened.length) throw new Wrong('the shares of all trustees')
  return shares.map(({ coefexps: { message, signature }, signature: agreed }, at) => {
    const { verification, index } = opened[at]
    requireSignature(message, verification, signature, `trustee ${index}`)
    requireSignature(agreement(certificates, message), verification, agreed, `trustee ${index}`)
    const points = JSON.parse(message).coefexps.map(readMember)
    const { threshold } = JSON.parse(certificates[at].message).context
    if (points.length !== threshold) throw new Wrong(`${threshold} coefficients of trustee ${index}`)
    return points
  })
}

/** What each trustee signs: all the certificates that they saw, and their own commitments. */
function agreement(certificates, coefexps) {
  const certs = certificates.map(({ message, signature: { challenge: c, response } }) => ({
    message,
    signature: { challenge: c, response },
  }))
  return `certs_sig|${JSON.stringify({ certs, ...JSON.parse(coefexps) })}`
}

const imageAt = (points, index) =>
  points.reduceRight((image, point) => add(multiply(BigInt(index), image), point), NEUTRAL)

function place(opened, seed) {
  const own = opened.find(({ verification }) => pointText(verification) === pointText(base(signingKey(seed))))
  if (!own) throw new Wrong('certificates with your own among them')
  return own.index
}
