// After the close: the setup and every ballot are checked, then this trustee's part of the tally is decrypted.
import { base, pointText } from '../../crypto/group.js'
import { fetchBoard, fetchPackage, NoAnswer } from '../../election/box.js'
import { totalOf } from '../../election/kept.js'
import { h } from '../../page/dom.js'
import { actions, button, paragraph, textField } from '../../page/parts.js'
import { contribution } from '../decryption.js'
import { read } from '../files.js'
import { errorOf, fileField, filesIn, heading } from '../parts.js'
import { readScalar } from '../proofs.js'
import { readPackage } from '../setup.js'
import { verifiedTally } from '../tally.js'

const HASH = /^[0-9a-f]{64}$/

export function decrypt(desk, errors) {
  const { t } = desk
  const progress = h('p', { role: 'status' })
  return {
    title: t('decrypt.title'),
    body: [
      heading(t('decrypt.title')),
      paragraph(t('decrypt.what')),
      paragraph(t('decrypt.ranked')),
      fileField({ id: 'secret', label: t('decrypt.secret'), error: errorOf(errors, 'secret') }),
      textField({ id: 'plan', label: t('decrypt.plan'), hint: t('decrypt.plan_hint'), error: errorOf(errors, 'plan') }),
      textField({ id: 'end', label: t('decrypt.end'), hint: t('decrypt.end_hint'), error: errorOf(errors, 'end') }),
      progress,
      actions(button(t('decrypt.go'), null, 'primary'), button(t('back'), () => desk.go('start'))),
    ],
    async onsubmit(form) {
      const key = await keyIn(filesIn(form, 'secret'), desk.box.uuid)
      if (!key) return desk.redraw('secret', 'error.file')
      const [plan, end] = ['plan', 'end'].map((name) => form.get(name).replace(/\s/g, '').toLowerCase())
      if (!HASH.test(plan)) return desk.redraw('plan', 'error.plan')
      if (!HASH.test(end)) return desk.redraw('end', 'error.plan')
      return work(desk, key, { plan, end }, teller(progress, t))
    },
  }
}

/** Says how far the ballots are, ten times in all: whoever listens to the page hears each. */
function teller(progress, t) {
  let said = 0
  return (done, all) => {
    const tenth = Math.floor((10 * done) / all)
    if (tenth > said) progress.textContent = t('decrypt.progress', { done, all })
    said = tenth
    return new Promise((resume) => setTimeout(resume))
  }
}

/** The private key in the secret file of this election, null if there is none. */
async function keyIn(files, uuid) {
  try {
    const [{ private_key: words, uuid: named = uuid }] = await read(files)
    return named === uuid ? readScalar(words) : null
  } catch {
    return null
  }
}

async function work(desk, key, { plan, end }, told) {
  const { box } = desk
  try {
    const frozen = readPackage(await fetchPackage(box), plan, box.uuid)
    const own = pointText(base(key))
    const owner = frozen.keys.indexOf(own) + 1
    if (!owner) return desk.redraw('secret', 'error.not_yours')
    if (frozen.election.questions.some(({ ranked }) => ranked)) return desk.redraw(null, 'error.ranked')
    const tally = await verifiedTally(await fetchBoard(box), frozen, end, told)
    const total = totalOf(box.uuid, own)
    if (!total.mayBe(tally.digest)) return desk.redraw(null, 'error.answered')
    total.keep(tally.digest)
    const { ballots, counted } = tally
    const content = contribution(key, owner, frozen.election, tally.rows)
    desk.decrypted = { content, owner, ballots, counted, fingerprint: frozen.election.fingerprint }
    return desk.go('decrypted')
  } catch (failure) {
    if (failure instanceof NoAnswer) return desk.redraw(null, 'error.silent')
    return desk.redraw(null, 'error.record', { detail: failure.message })
  }
}
