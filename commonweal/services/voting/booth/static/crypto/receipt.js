// The ballot server's signed promise that a ballot is on the board when it closes.
import { readKey } from './group.js'
import { knows } from './proofs.js'

/** Whether this is the promise for the ballot with this tracker, by the key that the setup names. */
export function isReceipt(receipt, uuid, tracker, key) {
  if (receipt?.uuid !== uuid || receipt.tracker !== tracker) return false
  try {
    const { challenge, response } = receipt.signature
    const proof = { challenge: BigInt(challenge), response: BigInt(response) }
    return knows(`sigmsg|commonweal/receipt|${uuid}|${tracker}|`, readKey(key), proof)
  } catch {
    return false
  }
}
