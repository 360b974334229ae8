// A trustee's part of the decryption, with its proofs, signed so that nobody brings it in another's name.
import { utf8 } from '../crypto/bytes.js'
import { base, multiply, pointText } from '../crypto/group.js'
import { proofJson } from '../crypto/proofs.js'
import { wipe } from '../crypto/sodium.js'
import { proveDecryption, signatureOf } from './proofs.js'
import { digestOf } from './record.js'

/** What the trustee with this private key, number `owner` from 1, brings to the ballot server. */
export function contribution(key, owner, { fingerprint }, rows) {
  const publicKey = base(key)
  const content = JSON.stringify({
    decryption_factors: rows.map((row) => row.map(({ alpha }) => pointText(multiply(key, alpha)))),
    decryption_proofs: rows.map((row) =>
      row.map(({ alpha }) => proofJson(proveDecryption(fingerprint, key, publicKey, alpha))),
    ),
  })
  const claim = `commonweal/decryption|${fingerprint}|${digestOf(utf8(content))}`
  const signature = signatureOf(claim, key)
  wipe()
  return JSON.stringify({ kind: 'decryption', owner, content, signature })
}
