// After the close: the board and its shuffles are checked, then this trustee's part of the tally is decrypted.
import { utf8 } from '../../crypto/bytes.js'
import { fetchCeremony } from '../../election/box.js'
import { totalOf } from '../../election/kept.js'
import { contribution } from '../contribution.js'
import { decryption } from '../decryption.js'
import { requireSigned } from '../mixing.js'
import { digestOf } from '../record.js'
import { rowsText } from '../tally.js'
import { closedBoard } from './closed.js'

export const decrypt = (desk, errors) =>
  closedBoard(desk, errors, 'decrypt', async ({ key, owner, own, frozen, mixed }, told) => {
    const { rows, shuffles, ended } = mixed
    const { needed, election } = frozen
    const different = new Set(shuffles.map((one) => one.owner)).size
    if (needed && (different < needed || !ended)) {
      return { error: 'error.shuffles', values: { done: different, needed } }
    }
    if (needed) requireSigned(shuffles, (await fetchCeremony(desk.box)).signatures, frozen)
    const digest = digestOf(utf8(rowsText(rows)))
    const total = totalOf(desk.box.uuid, own)
    if (!total.mayBe(digest)) return { error: 'error.answered' }
    total.keep(digest)
    const made = await decryption(key, election.fingerprint, rows, told('decrypt'))
    return { content: contribution('decryption', key, owner, election.fingerprint, made) }
  })
