// An opened ballot: everything a second device needs to rebuild it, and no way to cast it.
import { pageFor } from '../page/address.js'
import { h } from '../page/dom.js'
import { actions, button, code, copyButton, paragraph, qrImage, status, steps, textField } from '../page/parts.js'
import { chosenList } from './wording.js'

export function opened(booth) {
  const { t, election, words } = booth
  const { tracker, opening, choices } = booth.opened
  const link = `${pageFor('check')}#${opening}`
  const qr = qrImage(link, t('opened.qr'))
  return {
    title: t('opened.title'),
    body: [
      h('h1', { tabindex: '-1' }, t('opened.title')),
      status('not-cast', t('status.not_cast'), t('opened.never')),
      paragraph(t('opened.why')),
      steps([t('opened.step_device'), t('opened.step_compare'), t('opened.step_on')]),
      qr ?? paragraph(t('opened.too_long')),
      textField({ id: 'link', label: t('opened.link'), value: link, rows: 4 }),
      copyButton(link, t),
      h('h2', {}, t('opened.should')),
      chosenList(election, words, choices, t),
      paragraph(t('tracker.title'), ': ', code(tracker, { class: 'tracker' })),
      actions(button(t('opened.on'), null, 'primary')),
    ],
    onsubmit: () => booth.makeAnother(),
  }
}
