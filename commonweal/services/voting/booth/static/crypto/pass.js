// The voting pass: a random message signed blindly (RFC 9474, RSABSSA-SHA384-PSS-Deterministic), so that whoever signs
// it for a person cannot recognise it when it comes with a ballot.
import { BlindRSA, PrepareType } from '../vendor/blindrsa/blindrsa.js'
import { base64url, fromBase64url } from './bytes.js'
import { randomBytes } from './randomness.js'

const SCHEME = new BlindRSA({
  hash: 'SHA-384',
  saltLength: 48,
  prepareType: PrepareType.Deterministic,
  supportsRSARAW: false,
})

const importKey = ({ kty, n, e }) =>
  crypto.subtle.importKey('jwk', { kty, n, e, alg: 'PS384' }, { name: 'RSA-PSS', hash: 'SHA-384' }, true, ['verify'])

/** A pass to be signed: `blinded` goes to the signer, `message` and `inverse` stay here. All texts are base64url. */
export async function drawPass(passKey) {
  const message = randomBytes(32)
  const { blindedMsg, inv } = await SCHEME.blind(await importKey(passKey), message)
  return { message: base64url(message), blinded: base64url(blindedMsg), inverse: base64url(inv) }
}

/** The signature that the pass carries. Throws if what came back does not sign this pass with this key. */
export async function finishPass(passKey, { message, inverse }, blindSignature) {
  const [words, blind, unblinding] = [message, blindSignature, inverse].map(fromBase64url)
  return base64url(await SCHEME.finalize(await importKey(passKey), words, blind, unblinding))
}
