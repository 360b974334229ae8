// An opened ballot as text: what a second device needs to rebuild it.
import { base64url, fromBase64url, join, littleEndian, number } from '../crypto/bytes.js'
import { SEED_BYTES } from '../crypto/randomness.js'

const VERSION = '1'
const NUMBER = 32
const FIXED = SEED_BYTES + 3 * NUMBER

/** `1.UUID.` and Base64url of seed, credential, the signature's challenge and response, and one byte for each mark. */
export function writeOpening({ uuid, seed, credential, signature, choices }) {
  const scalars = [signature.challenge, signature.response].map(littleEndian)
  const bytes = join(seed, credential, ...scalars, Uint8Array.from(choices.flat()))
  return `${VERSION}.${uuid}.${base64url(bytes)}`
}

/** The election of an opening, from its text or from a link that ends in it. Throws if it is neither. */
export function openedElection(words) {
  const [, uuid, encoded] = /(?:^|#)1\.([1-9A-HJ-NP-Za-km-z]{14,})\.([\w-]+)$/.exec(words.replace(/\s/g, '')) ?? []
  if (!uuid) throw new Error('not an opened ballot')
  return { uuid, encoded }
}

/** The parts of an opening, once its election is known. Throws if the marks are not those of its questions. */
export function readOpening(encoded, election) {
  const bytes = fromBase64url(encoded)
  const marks = [...bytes.slice(FIXED)]
  const counts = election.questions.map(({ answers, blank }) => answers.length + (blank ? 1 : 0))
  const choices = counts.map((count) => marks.splice(0, count))
  if (bytes.length !== counts.reduce((sum, count) => sum + count, FIXED)) {
    throw new Error('the marks are not those of this election')
  }
  const part = (index) => bytes.slice(SEED_BYTES + index * NUMBER, SEED_BYTES + (index + 1) * NUMBER)
  return {
    seed: bytes.slice(0, SEED_BYTES),
    credential: part(0),
    signature: { challenge: number(part(1).reverse()), response: number(part(2).reverse()) },
    choices,
  }
}
