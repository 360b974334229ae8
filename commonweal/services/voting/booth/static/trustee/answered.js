// Which tally this browser decrypted: two that differ by one ballot would give that vote away.

const name = (uuid, publicKey) => `commonweal-trustee/${uuid}/${publicKey}`

/** Whether a key of this election may decrypt the tally with this hash: the first, or the same again. */
export function mayDecrypt(uuid, publicKey, digest) {
  const before = localStorage.getItem(name(uuid, publicKey))
  return before === null || before === digest
}

export const decrypted = (uuid, publicKey, digest) => localStorage.setItem(name(uuid, publicKey), digest)
