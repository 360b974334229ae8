// Checks a closed board from its first byte to its encrypted tally: the sum of true ballots, and those that are ranked.
import { hex, join } from '../crypto/bytes.js'
import { multiply, NEUTRAL } from '../crypto/group.js'
import { ciphertextJson } from '../crypto/proofs.js'
import { plus, verifyBallot } from './ballots.js'
import { paced } from './pace.js'
import { steps } from './record.js'
import { Wrong } from './wrong.js'

const LARGEST_NUMBER = 2n ** 30n - 1n

/**
 * The encrypted tally, `{ rows, ballots, counted, after }`: rows of ciphertexts by question, and the steps that follow
 * it. `told` hears how many ballots are verified. Throws Wrong unless the board is of this setup, closed, adds up, and
 * has at its close or later the event `end` of the public log. A board that ends before its hour by this device's clock
 * could hold one vote alone, and a server that shows each trustee another board could learn whose vote they differ by.
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
  const rows = totals(election, weights, [...last.values()])
  const [{ digest, content }, sized] = closing.data
  if (rowsText(rows) !== content) throw new Wrong('the sum of the ballots')
  const total = [...last.keys()].reduce((sum, credential) => sum + weights.get(credential), 0n)
  const stated = { num_tallied: last.size, total_weight: amount(total), encrypted_tally: digest }
  if (JSON.stringify(stated) !== sized.content) throw new Wrong('the number of the ballots')
  const [, ...after] = rest.slice(rest.indexOf(closing))
  if (![closing, ...after].some((step) => step.digest === end)) throw new Wrong('the closed board whose end is in the public log')
  return { rows, ballots: ballots.length, counted: last.size, after }
}

async function verifiedBallots(cast, election, weights, told) {
  const seen = new Set()
  return paced(cast.length, told)(cast, ({ data: [{ digest, content }] }) => {
    if (seen.has(digest)) throw new Wrong('a board without doubled ballots')
    seen.add(digest)
    return verifyBallot(election, weights, content)
  })
}

/** Rows of ciphertexts as the record has them. */
export const rowsText = (rows) => JSON.stringify(rows.map((row) => row.map(ciphertextJson)))

function totals({ questions }, weights, ballots) {
  return questions.map((question, index) =>
    question.ranked ? sorted(weights, ballots, index) : summed(question, weights, ballots, index),
  )
}

/** Ranked answers stay single, in the order of their bytes: nothing tells from which ballot one came. */
function sorted(weights, ballots, question) {
  if (ballots.some(({ credential }) => weights.get(credential) !== 1n)) throw new Wrong('ranked ballots of weight 1')
  const key = ({ alpha, beta }) => hex(join(alpha, beta))
  const keyed = ballots.map(({ answers }) => [key(answers[question][0]), answers[question][0]])
  return keyed.sort(([first], [second]) => (first < second ? -1 : 1)).map(([, ciphertext]) => ciphertext)
}

function summed({ answers, blank }, weights, ballots, question) {
  const nothing = { alpha: NEUTRAL, beta: NEUTRAL }
  const weighed = (weight, { alpha, beta }) => ({ alpha: multiply(weight, alpha), beta: multiply(weight, beta) })
  return Array.from({ length: answers.length + (blank ? 1 : 0) }, (_, index) =>
    ballots.reduce((sum, ballot) => {
      const weight = weights.get(ballot.credential)
      const choice = ballot.answers[question][index]
      return plus(sum, weight === 1n ? choice : weighed(weight, choice))
    }, nothing),
  )
}

/** How the record writes amounts: numbers, and decimal texts above 2**30 - 1. */
const amount = (value) => (value <= LARGEST_NUMBER ? Number(value) : `${value}`)
