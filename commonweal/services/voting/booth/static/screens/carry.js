// A blind signature for a pass that was drawn elsewhere: useless to anybody but the copy of the booth that drew it.
import { h } from '../page/dom.js'
import { copyButton, paragraph, textField } from '../page/parts.js'

export function carry(booth) {
  const { t, carried } = booth
  return {
    title: t('carry.title'),
    body: [
      h('h1', { tabindex: '-1' }, t('carry.title')),
      paragraph(t('carry.what')),
      textField({ id: 'code', label: t('pass.code'), value: carried, rows: 4 }),
      copyButton(carried, t),
    ],
  }
}
