// The board as a file: a tar of hashed data and a chain of events (guide of Belenios, "Public data").
import { hex } from '../crypto/bytes.js'
import { sha256 } from '../crypto/sodium.js'
import { Wrong } from './wrong.js'

const BLOCK = 512
const FOLLOWS = {
  '': ['Setup'],
  Setup: ['Ballot', 'EndBallots'],
  Ballot: ['Ballot', 'EndBallots'],
  EndBallots: ['EncryptedTally'],
  EncryptedTally: ['Shuffle', 'PartialDecryption'],
  Shuffle: ['Shuffle', 'EndShuffles'],
  EndShuffles: ['PartialDecryption'],
  PartialDecryption: ['PartialDecryption', 'Result'],
  Result: [],
}

export const digestOf = (bytes) => hex(sha256(bytes))

/** The steps of the record in order: `{ type, digest, data }`, data as texts with their hashes. Throws Wrong. */
export function* steps(bytes) {
  let last = { type: '', height: -1, digest: undefined }
  let data = []
  for (const { name, digest, content } of members(bytes)) {
    if (name === `${digest}.data.json`) {
      data.push({ digest, content })
      continue
    }
    if (name !== `${digest}.event.json`) throw new Wrong('a record: a file in it has another hash')
    const event = JSON.parse(content)
    const linked = event.parent === last.digest && event.height === last.height + 1
    if (!linked || event.payload !== data.at(-1)?.digest || !FOLLOWS[last.type].includes(event.type)) {
      throw new Wrong('a record whose events follow each other')
    }
    last = { ...event, digest }
    yield { type: event.type, digest, data }
    data = []
  }
  if (data.length) throw new Wrong('a whole record')
}

function* members(bytes) {
  const text = (from, to) => new TextDecoder().decode(bytes.subarray(from, to))
  for (let at = 0; at < bytes.length; ) {
    const [name] = text(at, at + 100).split('\0')
    const size = parseInt(text(at + 124, at + 135), 8)
    const end = at + BLOCK + size
    if (!(size >= 0) || end > bytes.length) throw new Wrong('a whole record')
    const content = bytes.subarray(at + BLOCK, end)
    if (at || name !== 'BELENIOS') yield { name, digest: digestOf(content), content: text(at + BLOCK, end) }
    at = BLOCK * Math.ceil(end / BLOCK)
  }
}
