// The last look before casting. The ballot is sealed already, so its tracker is fixed before the voter decides to cast
// it or to open it.
import { h } from '../page/dom.js'
import { actions, button, code, paragraph, status } from '../page/parts.js'
import { chosenList } from './wording.js'

export function review(booth) {
  const { t, election, words, choices } = booth
  const { tracker } = booth.seal()
  const change = (index) =>
    h(
      'button',
      { type: 'button', class: 'link', onclick: () => booth.go(`question-${index}`) },
      t('review.change'),
      h('span', { class: 'hidden' }, ' – ', election.questions[index].question),
    )
  return {
    title: t('review.title'),
    body: [
      h('h1', { tabindex: '-1' }, t('review.title')),
      chosenList(election, words, choices, t, change),
      h('h2', {}, t('tracker.title')),
      paragraph(t('review.tracker')),
      paragraph(code(tracker, { class: 'tracker', id: 'tracker' })),
      status('not-cast', t('status.not_cast'), t('review.press')),
      actions(button(t('review.cast'), null, 'primary big')),
      h('h2', {}, t('review.doubt')),
      paragraph(t('review.doubt_more')),
      actions(
        button(t('review.open'), () => booth.open()),
        button(t('back'), () => booth.back()),
      ),
    ],
    onsubmit: () => booth.cast(),
  }
}
