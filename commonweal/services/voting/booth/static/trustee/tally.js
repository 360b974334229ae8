// Checks a closed board from its first byte to its encrypted tally: what is decrypted is the sum of true ballots.
import { multiply, NEUTRAL } from '../crypto/group.js'
import { ciphertextJson } from '../crypto/proofs.js'
import { plus, verifyBallot } from './ballots.js'
import { steps } from './record.js'
import { Wrong } from './wrong.js'

const BREATH = 50 // ballots between two looks at what the trustee does meanwhile
const LARGEST_NUMBER = 2n ** 30n - 1n

/**
 * The tally to decrypt, `{ rows, digest, ballots, counted }`: rows of ciphertexts by question. `told` hears how many
 * ballots are verified. Throws Wrong unless the board is of this setup, closed, adds up, and has at its close or later
 * the event `end` of the public log. A board that ends before its hour by this device's clock could hold one vote
 * alone, and a server that shows each trustee another board could learn whose vote they differ by.
 */
export async function verifiedTally(bytes, { setup, closes, election, weights }, end, told) {
  if (!(Date.now() >= closes)) throw new Wrong('due: its hour has not come')
  const [first, ...rest] = steps(bytes)
  if (!first) throw new Wrong('a record')
  if (`${first.data.slice(0, 3).map(({ digest }) => digest)}` !== `${setup}`) throw new Wrong('the frozen setup')
  const closing = rest.find(({ type }) => type === 'EncryptedTally')
  if (!closing) throw new Wrong('closed')
  const ballots = await verifiedBallots(rest.filter(({ type }) => type === 'Ballot'), election, weights, told)
  const last = new Map(ballots.map((ballot) => [ballot.credential, ballot]))
  const rows = summed(election, weights, [...last.values()])
  const [{ digest, content }, sized] = closing.data
  if (JSON.stringify(rows.map((row) => row.map(ciphertextJson))) !== content) throw new Wrong('the sum of the ballots')
  const total = [...last.keys()].reduce((sum, credential) => sum + weights.get(credential), 0n)
  const stated = { num_tallied: last.size, total_weight: amount(total), encrypted_tally: digest }
  if (JSON.stringify(stated) !== sized.content) throw new Wrong('the number of the ballots')
  const known = rest.slice(rest.indexOf(closing)).some((step) => step.digest === end)
  if (!known) throw new Wrong('the closed board whose end is in the public log')
  return { rows, digest, ballots: ballots.length, counted: last.size }
}

async function verifiedBallots(cast, election, weights, told) {
  const ballots = []
  const seen = new Set()
  for (const { data } of cast) {
    const [{ digest, content }] = data
    if (seen.has(digest)) throw new Wrong('a board without doubled ballots')
    seen.add(digest)
    ballots.push(verifyBallot(election, weights, content))
    if (ballots.length % BREATH === 0) await told(ballots.length, cast.length)
  }
  return ballots
}

function summed({ questions }, weights, ballots) {
  const nothing = { alpha: NEUTRAL, beta: NEUTRAL }
  const weighed = (weight, { alpha, beta }) => ({ alpha: multiply(weight, alpha), beta: multiply(weight, beta) })
  return questions.map(({ answers, blank }, question) =>
    Array.from({ length: answers.length + (blank ? 1 : 0) }, (_, index) =>
      ballots.reduce((sum, ballot) => {
        const weight = weights.get(ballot.credential)
        const choice = ballot.answers[question][index]
        return plus(sum, weight === 1n ? choice : weighed(weight, choice))
      }, nothing),
    ),
  )
}

/** How the record writes amounts: numbers, and decimal texts above 2**30 - 1. */
const amount = (value) => (value <= LARGEST_NUMBER ? Number(value) : `${value}`)
