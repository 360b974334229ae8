// The hashes of the protocol.
import { base64, number, utf8 } from './bytes.js'
import { modulo } from './group.js'
import { sha256 } from './sodium.js'

/** SHA-256 of the text as a number modulo the group order (Fiat-Shamir). */
export const challenge = (words) => modulo(number(sha256(utf8(words))))

/** SHA-256 of the text in Base64, 43 characters: fingerprints, trackers, signed hashes. */
export const hashText = (words) => base64(sha256(utf8(words)))
