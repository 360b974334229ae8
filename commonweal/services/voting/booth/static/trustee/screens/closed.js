// After the close: what a trustee gives before the page checks the whole board and uses the key.
import { base, pointText } from '../../crypto/group.js'
import { wipe } from '../../crypto/sodium.js'
import { fetchBoard, fetchPackage, NoAnswer } from '../../election/box.js'
import { h } from '../../page/dom.js'
import { actions, button, paragraph, textField } from '../../page/parts.js'
import { read } from '../files.js'
import { verifiedShuffles } from '../mixing.js'
import { pause } from '../pace.js'
import { errorOf, fileField, filesIn, heading } from '../parts.js'
import { readScalar } from '../proofs.js'
import { readPackage } from '../setup.js'
import { verifiedTally } from '../tally.js'

const HASH = /^[0-9a-f]{64}$/

/**
 * The screen of one task, whose texts begin with its name. `work` gets what was checked, `{ key, owner, own, frozen,
 * mixed }`, and a function that hears how far it is; it returns what the trustee brings, or the name and values
 * of the error that stands in its way.
 */
export function closedBoard(desk, errors, task, work) {
  const { t } = desk
  const progress = h('p', { role: 'status' })
  return {
    title: t(`${task}.title`),
    body: [
      heading(t(`${task}.title`)),
      paragraph(t(`${task}.what`)),
      paragraph(t(`${task}.ranked`)),
      fileField({ id: 'secret', label: t('closed.secret'), error: errorOf(errors, 'secret') }),
      textField({ id: 'plan', label: t('closed.plan'), hint: t('closed.plan_hint'), error: errorOf(errors, 'plan') }),
      textField({ id: 'end', label: t('closed.end'), hint: t('closed.end_hint'), error: errorOf(errors, 'end') }),
      progress,
      actions(button(t(`${task}.go`), null, 'primary'), button(t('back'), () => desk.go('start'))),
    ],
    async onsubmit(form) {
      const key = await keyIn(filesIn(form, 'secret'), desk.box.uuid)
      if (!key) return desk.redraw('secret', 'error.file')
      const [plan, end] = ['plan', 'end'].map((name) => form.get(name).replace(/\s/g, '').toLowerCase())
      if (!HASH.test(plan)) return desk.redraw('plan', 'error.plan')
      if (!HASH.test(end)) return desk.redraw('end', 'error.plan')
      return carryOut(desk, work, key, { plan, end }, teller(progress, t))
    },
  }
}

/** Says how far each part of the work is, ten times in all: whoever listens to the page hears each. */
function teller(progress, t) {
  let said = ''
  return (part) => (done, all) => {
    const tenth = `${part} ${Math.floor((10 * done) / all)}`
    if (tenth !== said) progress.textContent = t(`progress.${part}`, { percent: Math.floor((100 * done) / all) })
    said = tenth
    return pause()
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

async function carryOut(desk, work, key, { plan, end }, told) {
  const { box } = desk
  try {
    const frozen = readPackage(await fetchPackage(box), plan, box.uuid)
    const own = pointText(base(key))
    const owner = frozen.keys.indexOf(own) + 1
    if (!owner) return desk.redraw('secret', 'error.not_yours')
    const tally = await verifiedTally(await fetchBoard(box), frozen, end, told('ballots'))
    const mixed = await verifiedShuffles(tally, frozen, told('shuffles'))
    const { content, error, values } = await work({ key, owner, own, frozen, mixed }, told)
    if (error) return desk.redraw(null, error, values)
    const { ballots, counted } = tally
    desk.ready = { content, owner, ballots, counted, fingerprint: frozen.election.fingerprint }
    return desk.go('ready')
  } catch (failure) {
    if (failure instanceof NoAnswer) return desk.redraw(null, 'error.silent')
    return desk.redraw(null, 'error.record', { detail: failure.message })
  } finally {
    wipe()
  }
}
