// What a trustee brings, a shuffle or a part of the result: sent, or saved to be brought.
import { sendContribution } from '../../election/box.js'
import { h } from '../../page/dom.js'
import { actions, button, code, paragraph } from '../../page/parts.js'
import { save } from '../files.js'
import { heading } from '../parts.js'

export function ready(desk) {
  const { t, box } = desk
  const { content, owner, ballots, counted, fingerprint } = desk.ready
  const { kind } = JSON.parse(content)
  const said = h('p', { role: 'status', id: 'said' })
  return {
    title: t(`ready.${kind}`),
    body: [
      heading(t(`ready.${kind}`)),
      paragraph(t('ready.what', { owner, ballots, counted })),
      paragraph(t('ready.fingerprint'), ' ', code(fingerprint)),
      said,
      actions(
        button(t(`ready.send_${kind}`), null, 'primary'),
        button(t('ready.save'), () => save(`${kind}-${owner}.json`, content)),
      ),
      paragraph(t(`ready.then_${kind}`)),
    ],
    async onsubmit() {
      try {
        said.textContent = outcome(t, kind, await sendContribution(box, content))
      } catch ({ message }) {
        said.textContent = t('ready.refused', { detail: message })
      }
    },
  }
}

/** What the ballot server's answer means for the trustee. */
function outcome(t, kind, { phase, shuffled, shuffles }) {
  if (kind === 'shuffle') return t('ready.shuffled', { done: shuffled.length, needed: shuffles })
  return t(phase === 'done' ? 'ready.done' : 'ready.waits')
}
