// What a move gave: a file for the trustee alone, and one to hand over.
import { h } from '../../page/dom.js'
import { actions, button, code, paragraph } from '../../page/parts.js'
import { save } from '../files.js'
import { heading } from '../parts.js'

export function made(desk) {
  const { t, box } = desk
  const { secret, handed } = desk.made
  const said = h('p', { role: 'status' })
  const saveSecret = () => {
    save(`trustee-secret-${box.uuid}.json`, JSON.stringify(secret))
    desk.unsaved = false
    said.textContent = t('made.saved')
  }
  const saveHanded = () => save(nameOf(handed), JSON.stringify(handed))
  return {
    title: t('made.title'),
    body: [
      heading(t('made.title')),
      secret && [
        h('h2', {}, t('made.secret')),
        paragraph(t('made.secret_more')),
        actions(button(t('made.save_secret'), saveSecret)),
        said,
      ],
      h('h2', {}, t('made.handed')),
      paragraph(t('made.handed_more')),
      handed.value.public_key && paragraph(t('made.key'), ' ', code(handed.value.public_key)),
      actions(
        button(t('made.save_handed'), saveHanded),
        button(t('back'), () => desk.leave()),
      ),
    ],
  }
}

const nameOf = ({ move, index, value }) =>
  move === 'single' ? `single-${value.public_key.slice(0, 8)}.json` : `${move}-${index}.json`
