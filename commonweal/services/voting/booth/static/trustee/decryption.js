// A trustee's part of the decryption, with its proofs.
import { base, multiply, pointText } from '../crypto/group.js'
import { proofJson } from '../crypto/proofs.js'
import { paced } from './pace.js'
import { proveDecryption } from './proofs.js'

/** The factors and proofs for these rows of ciphertexts, as the record has them. `told` hears how many are done. */
export async function decryption(key, fingerprint, rows, told) {
  const publicKey = base(key)
  const each = paced(rows.flat().length, told)
  const made = []
  for (const row of rows) {
    made.push(
      await each(row, ({ alpha }) => ({
        factor: pointText(multiply(key, alpha)),
        proof: proofJson(proveDecryption(fingerprint, key, publicKey, alpha)),
      })),
    )
  }
  return {
    decryption_factors: made.map((row) => row.map(({ factor }) => factor)),
    decryption_proofs: made.map((row) => row.map(({ proof }) => proof)),
  }
}
