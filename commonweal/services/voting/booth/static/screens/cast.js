// The ballot is in the box: how to find it again, and how to vote once more.
import { stateOf } from '../election/box.js'
import { h } from '../page/dom.js'
import { actions, button, code, note, paragraph } from '../page/parts.js'
import { forgetPass } from './forget_pass.js'

const STATES = ['counted', 'replaced', 'waiting', 'unanswered']

export function cast(booth) {
  const { t, castTracker } = booth
  const found = h('p', { role: 'status', id: 'found' })
  async function look() {
    const state = await stateOf(booth.box, castTracker).catch(() => 'unanswered')
    found.textContent = t(`found.${STATES.includes(state) ? state : 'unknown'}`)
  }
  return {
    title: t('cast.title'),
    body: [
      h('h1', { tabindex: '-1' }, t('cast.title')),
      paragraph(t('cast.thanks')),
      h('h2', {}, t('tracker.title')),
      paragraph(code(castTracker, { class: 'tracker', id: 'tracker' })),
      paragraph(t('cast.tracker')),
      booth.receipt && paragraph(t('cast.receipt')),
      booth.setup.receipt_key && !booth.receipt && note(paragraph(t('cast.no_receipt'))),
      actions(
        button(t('cast.save'), () => save(booth)),
        button(t('cast.print'), () => print()),
        button(t('cast.look'), look),
      ),
      found,
      h('h2', {}, t('cast.again_title')),
      paragraph(t('cast.again')),
      actions(button(t('cast.again_go'), () => booth.voteAgain())),
      h('h2', {}, t('cast.pass_title')),
      forgetPass(booth),
    ],
  }
}

/** A text file with the tracker, and the receipt in its last line; nothing in it tells what was chosen or when. */
function save({ election, castTracker, receipt, t }) {
  const promised = receipt ? `${JSON.stringify(receipt)}\n` : ''
  const text = `${election.name}\n${election.uuid}\n${t('tracker.title')}: ${castTracker}\n${promised}`
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  h('a', { href: address, download: `tracker-${election.uuid}.txt` }).click()
  URL.revokeObjectURL(address)
}
