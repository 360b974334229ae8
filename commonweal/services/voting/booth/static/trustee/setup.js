// The frozen setup: everything in it is bound by the one hash that stands in the public log.
import { utf8 } from '../crypto/bytes.js'
import { pointText } from '../crypto/group.js'
import { hashText } from '../crypto/hashing.js'
import { readElection } from '../election/election.js'
import { digestOf } from './record.js'
import { readTrustees } from './threshold.js'
import { Wrong } from './wrong.js'

/**
 * What the package of this election says, if its plan has the hash `wanted`: `setup`, the three hashes with which the
 * record begins; `closes` in milliseconds; `needed`, how many trustees must shuffle; `election`; `weights`; `keys`, texts
 * by owner. Throws Wrong.
 */
export function readPackage(parts, wanted, uuid) {
  if (digestOf(utf8(parts.plan)) !== wanted) throw new Wrong('the plan with this hash')
  const plan = JSON.parse(parts.plan)
  const setup = ['election', 'trustees', 'credentials'].map((name) => plan.setup[name])
  const found = ['election', 'trustees', 'credentials'].map((name) => digestOf(utf8(parts[name])))
  if (`${setup}` !== `${found}` || plan.uuid !== uuid) throw new Wrong('the setup of this plan')
  const election = readElection(parts.election, hashText(parts.election), uuid)
  const { keys, whole } = readTrustees(JSON.parse(parts.trustees))
  if (pointText(whole) !== pointText(election.publicKey)) throw new Wrong('the key of these trustees')
  if (Boolean(plan.shuffles) !== election.questions.some(({ ranked }) => ranked)) throw new Wrong('the shuffles it needs')
  const weights = readWeights(JSON.parse(parts.credentials))
  const closes = Date.parse(plan.closes)
  return { setup, closes, needed: plan.shuffles, election, weights, keys: keys.map(pointText) }
}

/** How often the ballot of each public code counts. */
function readWeights(entries) {
  return new Map(
    entries.map((entry) => {
      const [code, weight = '1'] = entry.split(',')
      return [code, BigInt(weight)]
    }),
  )
}
