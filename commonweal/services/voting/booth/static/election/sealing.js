// A sealed ballot: encrypted, signed, and not yet decided whether it is cast or opened. It can be either, never both.
import { makeBallot, trackerOf } from '../crypto/ballot.js'
import { secretOf } from '../crypto/credential.js'
import { SEED_BYTES, randomBytes, seededRandomness, systemRandomness } from '../crypto/randomness.js'
import { wipe } from '../crypto/sodium.js'
import { writeOpening } from './opening.js'

/** Encrypts with a fresh seed, which leaves this function only in the text of an opening. */
export function sealBallot(election, code, choices) {
  let seed = randomBytes(SEED_BYTES)
  const secret = secretOf(code, election.uuid)
  const ballot = makeBallot(election, secret, choices, seededRandomness(seed), systemRandomness())
  wipe()
  const tracker = trackerOf(ballot.content)
  let content = ballot.content

  function forgetSeed() {
    seed?.fill(0)
    seed = null
  }

  return {
    tracker,
    wasSent: () => content !== null && seed === null,
    /** The ballot to cast, again if need be; from now on it cannot be opened. */
    toCast() {
      if (content === null) throw new Error('an opened ballot is never cast')
      forgetSeed()
      return content
    },
    /** The opening for a second device; from now on it cannot be cast. */
    open() {
      if (seed === null) throw new Error('a ballot that was cast is never opened')
      content = null
      const opening = writeOpening({ uuid: election.uuid, seed, ...ballot, choices })
      forgetSeed()
      return opening
    },
  }
}
