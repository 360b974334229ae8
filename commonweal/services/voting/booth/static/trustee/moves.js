// The moves by which trustees make keys: each gives files to hand over, and files that are for the trustee alone. They
// are those of `commonweal voting trustee`, so that either can go on with them.
import { hex } from '../crypto/bytes.js'
import { randomBytes, systemRandomness } from '../crypto/randomness.js'
import { wipe } from '../crypto/sodium.js'
import { publicKeyOf } from './proofs.js'
import { certificate, finish, newSeed, share } from './threshold.js'
import { Wrong } from './wrong.js'

const MARK_BYTES = 16

/** A key of which all are needed. */
export function newKey(uuid) {
  const key = systemRandomness().scalar()
  const value = publicKeyOf(key)
  wipe()
  return { secret: { uuid, private_key: `${key}` }, handed: handed(uuid, 'single', 1, value) }
}

/** The first move of a threshold key. */
export function newCertificate(uuid, size, threshold, index) {
  const own = { uuid, seed: newSeed(), size, threshold, index }
  const value = certificate(own)
  wipe()
  return { secret: own, handed: handed(uuid, 'certificate', index, value) }
}

/** The second or third move, whichever the files of all trustees allow. Throws Wrong. */
export async function goOn(uuid, own, files) {
  if (own.uuid !== uuid || !own.seed) throw new Wrong('your secret file of this election')
  if (files.some((file) => file.uuid !== uuid)) throw new Wrong('files of this election')
  const sorted = [...files].sort((first, second) => first.index - second.index)
  const of = (move) => sorted.filter((file) => file.move === move).map(({ value }) => value)
  const [certificates, shares] = [of('certificate'), of('shares')]
  if (certificates.length !== own.size) throw new Wrong(`the certificates of ${own.size} trustees`)
  try {
    if (!shares.length) return { handed: handed(uuid, 'shares', own.index, await share(own, certificates)) }
    const { privateKey, publicKey } = await finish(own, certificates, shares)
    return { secret: { uuid, private_key: `${privateKey}` }, handed: handed(uuid, 'finished', own.index, publicKey) }
  } finally {
    wipe()
  }
}

/** A file for the administrator and the other trustees. A browser cannot tell its machine, so the mark is random. */
const handed = (uuid, move, index, value) => ({ move, index, uuid, machine: hex(randomBytes(MARK_BYTES)), value })
