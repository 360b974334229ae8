// What stays on the device when the page is closed: the voting pass, and that a ballot was begun or sent; a trustee's
// total. Never a choice, a credential, a seed, a tracker or a key.

/** What this device keeps for one election. Where the browser keeps nothing, everything reads as absent. */
export function keptFor(uuid) {
  const name = (what) => `commonweal-booth/${uuid}/${what}`
  const attempt = (work) => {
    try {
      return work()
    } catch {
      return null
    }
  }
  return {
    pass: () => attempt(() => JSON.parse(localStorage.getItem(name('pass')))),
    /** Throws where the browser keeps nothing: a pass that would be lost must not be drawn. */
    keepPass: (pass) => localStorage.setItem(name('pass'), JSON.stringify(pass)),
    forgetPass: () => attempt(() => localStorage.removeItem(name('pass'))),
    /** How far an earlier visit came without a confirmed ballot: "begun", "sent", or null. */
    left: () => attempt(() => localStorage.getItem(name('ballot'))),
    begin: () => attempt(() => localStorage.setItem(name('ballot'), 'begun')),
    send: () => attempt(() => localStorage.setItem(name('ballot'), 'sent')),
    finish: () => attempt(() => localStorage.removeItem(name('ballot'))),
  }
}

/** Which total a trustee decrypted here: a second one, different by one ballot, would give that vote away. */
export function totalOf(uuid, publicKey) {
  const name = `commonweal-trustee/${uuid}/${publicKey}`
  return {
    mayBe: (digest) => [null, digest].includes(localStorage.getItem(name)),
    keep: (digest) => localStorage.setItem(name, digest),
  }
}
