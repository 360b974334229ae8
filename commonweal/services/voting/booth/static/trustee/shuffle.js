// Verifiable shuffles: ciphertexts encrypted anew and permuted, with a proof that nothing was lost or changed. The same
// as commonweal.services.voting.engine.shuffle; letters are those of CHVote.
import { hex, littleEndian, number, utf8 } from '../crypto/bytes.js'
import { add, base, modulo, multiply, NEUTRAL, pointText } from '../crypto/group.js'
import { challenge } from '../crypto/hashing.js'
import { ciphertextJson, ciphertextText } from '../crypto/proofs.js'
import { sha256 } from '../crypto/sodium.js'
import { paced } from './pace.js'

const STEPS = { made: 7, verified: 4 } // for each ciphertext

/**
 * A shuffle of each row of ciphertexts, as the record has it: `{ ciphertexts, proofs }`. The permutation is forgotten.
 * `told` hears how far it is.
 */
export async function makeShuffle(rows, publicKey, fingerprint, randomness, told) {
  const each = paced(STEPS.made * rows.flat().length, told)
  const [ciphertexts, proofs] = [[], []]
  for (const before of rows) {
    const permutation = drawPermutation(before.length, randomness)
    const secrets = draw(before.length, randomness)
    const encrypted = await each(before, (item, j) => encryptAgain(item, publicKey, secrets[j]))
    const after = permutation.map((j) => encrypted[j])
    const statement = { before, after, publicKey, fingerprint }
    ciphertexts.push(after.map(ciphertextJson))
    proofs.push(await prove(statement, secrets, permutation, randomness, each))
  }
  return { ciphertexts, proofs }
}

/** Whether each row of ciphertexts `after` is proved to be a shuffle of the one before. Throws for points outside. */
export async function provesShuffle(before, after, proofs, publicKey, fingerprint, told) {
  const each = paced(STEPS.verified * before.flat().length, told)
  for (const [row, proof] of proofs.entries()) {
    if (!(await proves({ before: before[row], after: after[row], publicKey, fingerprint }, proof, each))) return false
  }
  return true
}

const draw = (count, randomness) => Array.from({ length: count }, () => randomness.scalar())

/** Uniform to within 2**-230 (Fisher and Yates). */
function drawPermutation(size, randomness) {
  const left = Array.from({ length: size }, (_, place) => place)
  for (let i = 0; i < size; i += 1) {
    const k = i + Number(randomness.scalar() % BigInt(size - i))
    ;[left[i], left[k]] = [left[k], left[i]]
  }
  return left
}

const encryptAgain = ({ alpha, beta }, publicKey, secret) => ({
  alpha: add(alpha, base(secret)),
  beta: add(beta, multiply(secret, publicKey)),
})

// The proof

/** GenShuffleProof: with j = permutation[i], `after[i]` is `before[j]` encrypted anew with `secrets[j]`. */
async function prove(statement, secrets, permutation, randomness, each) {
  const { after, publicKey } = statement
  const [r, c] = [[], []]
  await each(permutation, (j, i) => {
    r[j] = randomness.scalar()
    c[j] = add(base(r[j]), generator(i))
  })
  const words = wordsOf(statement, c)
  const u = exponents(statement, words)
  const uPrime = permutation.map((j) => u[j])
  const [rHat, chain] = [[], [generator(-1)]]
  await each(uPrime, (exponent, i) => {
    rHat.push(randomness.scalar())
    chain.push(add(base(rHat[i]), multiply(exponent, chain[i])))
  })
  const [w1, w2, w3, w4] = draw(4, randomness)
  const wHat = draw(permutation.length, randomness)
  const wPrime = draw(permutation.length, randomness)
  const weighed = async (points) => sum(await each(points, (point, i) => multiply(wPrime[i], point)))
  const t = [
    base(w1),
    base(w2),
    add(base(w3), await weighed(permutation.map((_, i) => generator(i)))),
    add(await weighed(after.map(({ beta }) => beta)), multiply(-w4, publicKey)),
    add(await weighed(after.map(({ alpha }) => alpha)), base(-w4)),
  ]
  const tHat = await each(wHat, (w, i) => add(base(w), multiply(wPrime[i], chain[i])))
  const [, ...cHat] = chain
  const k = lastChallenge(statement, words, t, tHat, cHat)
  const responses = (ws, secret) => ws.map((w, i) => modulo(w + k * secret[i]))
  const s = responses([w1, w2, w3, w4], [total(r), chained(rHat, uPrime), inner(r, u), inner(secrets, u)])
  return proofJson({ t, tHat, s, sHat: responses(wHat, rHat), sPrime: responses(wPrime, uPrime), c, cHat })
}

/** CheckShuffleProof; all lengths must agree. */
async function proves(statement, { t, tHat, s: [s1, s2, s3, s4], sHat, sPrime, c, cHat }, each) {
  const { before, after, publicKey } = statement
  const words = wordsOf(statement, c)
  const u = exponents(statement, words)
  const k = lastChallenge(statement, words, t, tHat, cHat)
  const [h, generators] = [generator(-1), c.map((_, i) => generator(i))]
  const chain = [h, ...cHat]
  const product = u.reduce((whole, exponent) => modulo(whole * exponent), 1n)
  /** The sum of sPrime * news - k * u * olds. */
  const balance = async (news, olds) =>
    sum(await each(news, (point, i) => add(multiply(sPrime[i], point), multiply(-k * u[i], olds[i]))))
  const all = (name) => [after.map((item) => item[name]), before.map((item) => item[name])]
  const computed = [
    add(base(s1), multiply(-k, minus(sum(c), sum(generators)))),
    add(base(s2), multiply(-k, minus(chain.at(-1), multiply(product, h)))),
    add(base(s3), await balance(generators, c)),
    add(await balance(...all('beta')), multiply(-s4, publicKey)),
    add(await balance(...all('alpha')), base(-s4)),
    ...(await each(cHat, (next, i) =>
      add(base(sHat[i]), add(multiply(sPrime[i], chain[i]), multiply(-k, next))),
    )),
  ]
  return joined(computed) === joined([...t, ...tHat])
}

const proofJson = ({ t: [t1, t2, t3, t41, t42], tHat, s, sHat, sPrime, c, cHat }) => [
  [...[t1, t2, t3].map(pointText), [t41, t42].map(pointText), tHat.map(pointText)],
  [...s.map(String), sHat.map(String), sPrime.map(String)],
  c.map(pointText),
  cHat.map(pointText),
]

// What is hashed

const joined = (points) => points.map((point) => `${pointText(point)},`).join('')

/** The statement and the commitments to the permutation. */
const wordsOf = ({ before, after }, c) =>
  [...before, ...after].map((item) => `${ciphertextText(item)},`).join('') + joined(c)

const digest = (words) => hex(sha256(utf8(words)))

/** GetNIZPKChallenges: the u_i. */
function exponents({ before, fingerprint }, words) {
  const start = digest(`shuffle-challenges|${fingerprint}|${words}`)
  return before.map((_, index) => challenge(start + digest(`${index}`)))
}

/** GetNIZKPChallenge: k. */
function lastChallenge({ publicKey, fingerprint }, words, t, tHat, cHat) {
  const whole = joined(t) + joined(tHat) + words + joined(cHat) + pointText(publicKey)
  return challenge(`shuffle-challenge|${fingerprint}|${whole}`)
}

// Sums

const sum = (points) => points.reduce(add, NEUTRAL)
const minus = (first, second) => add(first, multiply(-1n, second))
const total = (scalars) => scalars.reduce((whole, scalar) => whole + scalar, 0n)
const inner = (first, second) => total(first.map((scalar, i) => scalar * second[i]))

/** What opens the last commitment of the chain: each r of it times all the exponents that came after. */
function chained(rHat, uPrime) {
  let [whole, tail] = [0n, 1n]
  for (let i = rHat.length - 1; i >= 0; i -= 1) {
    whole += rHat[i] * tail
    tail = modulo(tail * uPrime[i])
  }
  return whole
}

// Generators

const known = new Map()

/** An independent generator that nobody knows the logarithm of (GetGenerator for Ed25519). */
export function generator(index) {
  if (!known.has(index)) known.set(index, newGenerator(index))
  return known.get(index)
}

function newGenerator(index) {
  for (let x = number(sha256(utf8(`ggen|${index}`))) >> 2n; ; x += 1n) {
    const point = twice(littleEndian(x))
    if (point) return twice(twice(point))
  }
}

/** point + point, null if the bytes are no point of the curve. */
function twice(point) {
  try {
    return add(point, point)
  } catch {
    return null
  }
}
