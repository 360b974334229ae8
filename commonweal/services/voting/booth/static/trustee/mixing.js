// The shuffles on a closed board: each proved, by a different trustee, and signed by that trustee.
import { claim } from './contribution.js'
import { readMember, readPoint, readScalar, requireSignature } from './proofs.js'
import { exactly, requireFields } from './reading.js'
import { provesShuffle } from './shuffle.js'
import { Wrong } from './wrong.js'

/**
 * What the shuffles in the steps after the tally made of its rows: `{ rows, shuffles, ended }`, each shuffle with its
 * `owner` and `digest`. `told` hears how far the proofs of one shuffle are. Throws Wrong, or an Error for a point
 * outside.
 */
export async function verifiedShuffles({ rows, after }, { election, keys }, told) {
  const places = election.questions.flatMap(({ ranked }, place) => (ranked ? [place] : []))
  const shuffles = []
  let mixed = rows
  for (const { data } of after.filter(({ type }) => type === 'Shuffle')) {
    const [{ digest, content }, owned] = data
    const before = places.map((place) => mixed[place])
    const { ciphertexts, proofs } = readShuffle(content, before)
    const proved = await provesShuffle(before, ciphertexts, proofs, election.publicKey, election.fingerprint, told)
    if (!proved) throw new Wrong('a true shuffle')
    mixed = mixed.map((row, place) => ciphertexts[places.indexOf(place)] ?? row)
    shuffles.push({ owner: ownerIn(owned.content, digest, keys), digest })
  }
  return { rows: mixed, shuffles, ended: after.some(({ type }) => type === 'EndShuffles') }
}

/**
 * Throws Wrong unless every shuffle is signed by the trustee whom the record names. `signatures` are by owner, from the
 * ballot server: one who made all shuffles alone would know whose ballot is whose.
 */
export function requireSigned(shuffles, signatures, { election, keys }) {
  for (const { owner, digest } of shuffles) {
    const words = claim('shuffle', election.fingerprint, digest)
    requireSignature(words, readMember(keys[owner - 1]), signatures[owner], `trustee ${owner} over their shuffle`)
  }
}

function ownerIn(content, payload, keys) {
  const { owner } = JSON.parse(content)
  const named = content === JSON.stringify({ owner, payload }) && owner >= 1 && owner <= keys.length
  if (!named) throw new Wrong('a shuffle of one of the trustees')
  return owner
}

function readShuffle(content, before) {
  const value = JSON.parse(content)
  requireFields(value, 'ciphertexts,proofs', 'a shuffle')
  if (JSON.stringify(value) !== content) throw new Wrong('a canonical shuffle')
  const rows = (items) => exactly(before.length, items).map((row, place) => [row, before[place].length])
  return {
    ciphertexts: rows(value.ciphertexts).map(([row, size]) => exactly(size, row).map(readCiphertext)),
    proofs: rows(value.proofs).map(([proof, size]) => readShuffleProof(proof, size)),
  }
}

function readCiphertext(value) {
  requireFields(value, 'alpha,beta', 'a ciphertext')
  return { alpha: readPoint(value.alpha), beta: readPoint(value.beta) }
}

/**
 * The proof's parts. Every point that stands beside it is multiplied, which checks that it is a member: by a hash, or by an
 * s' that must not be 0 for that reason.
 */
function readShuffleProof(value, size) {
  const [commitments, responses, c, cHat] = exactly(4, value)
  const [t1, t2, t3, t4, tHat] = exactly(5, commitments)
  const [s1, s2, s3, s4, sHat, sPrime] = exactly(6, responses)
  const points = (items) => exactly(size, items).map(readPoint)
  const scalars = (items) => exactly(size, items).map(readScalar)
  const bindings = scalars(sPrime)
  if (bindings.includes(0n)) throw new Wrong('a proof that binds every ciphertext')
  return {
    t: [t1, t2, t3, ...exactly(2, t4)].map(readPoint),
    tHat: points(tHat),
    s: [s1, s2, s3, s4].map(readScalar),
    sHat: scalars(sHat),
    sPrime: bindings,
    c: points(c),
    cHat: points(cHat),
  }
}
