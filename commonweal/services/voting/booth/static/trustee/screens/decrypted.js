// A trustee's part of the result: sent, or saved to be brought.
import { sendContribution } from '../../election/box.js'
import { h } from '../../page/dom.js'
import { actions, button, code, paragraph } from '../../page/parts.js'
import { save } from '../files.js'
import { heading } from '../parts.js'

export function decrypted(desk) {
  const { t, box } = desk
  const { content, owner, ballots, counted, fingerprint } = desk.decrypted
  const said = h('p', { role: 'status', id: 'said' })
  return {
    title: t('decrypted.title'),
    body: [
      heading(t('decrypted.title')),
      paragraph(t('decrypted.what', { owner, ballots, counted })),
      paragraph(t('decrypted.fingerprint'), ' ', code(fingerprint)),
      said,
      actions(
        button(t('decrypted.send'), null, 'primary'),
        button(t('decrypted.save'), () => save(`decryption-${owner}.json`, content)),
      ),
      paragraph(t('decrypted.destroy')),
    ],
    async onsubmit() {
      try {
        const { phase } = await sendContribution(box, content)
        said.textContent = t(phase === 'done' ? 'decrypted.done' : 'decrypted.sent')
      } catch ({ message }) {
        said.textContent = t('decrypted.refused', { detail: message })
      }
    },
  }
}
