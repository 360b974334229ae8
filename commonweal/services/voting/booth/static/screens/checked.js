// What the second device found.
import { h } from '../page/dom.js'
import { actions, button, code, paragraph, status } from '../page/parts.js'
import { chosenList, wording } from './wording.js'

export function checked(t, { election, words, choices, tracker, same }, again) {
  const [kind, found] = same ? ['cast', 'same'] : ['not-cast', 'different']
  return {
    title: t(`checked.${found}`),
    onsubmit: again,
    body: [
      h('h1', { tabindex: '-1' }, t(`checked.${found}`)),
      status(kind, t(`checked.${found}`), t(`checked.${found}_more`)),
      h('h2', {}, t('checked.holds')),
      paragraph(wording(words.name)),
      chosenList(election, words, choices, t),
      paragraph(t('checked.look')),
      paragraph(t('checked.tracker'), ' ', code(tracker, { class: 'tracker', id: 'tracker' })),
      paragraph(t('start.fingerprint'), ' ', code(election.fingerprint)),
      actions(button(t('checked.again'), null, 'secondary')),
    ],
  }
}
