// What a second device asks for: the opened ballot, and the tracker as it was before the opening.
import { h } from '../page/dom.js'
import { actions, button, paragraph, textField } from '../page/parts.js'

export function checkForm(t, errors, onsubmit) {
  const errorOf = (field) => errors.find((error) => error.field === field)?.text
  return {
    title: t('check.title'),
    onsubmit,
    body: [
      h('h1', { tabindex: '-1' }, t('check.title')),
      paragraph(t('check.what')),
      paragraph(t('check.copies')),
      textField({
        id: 'opening',
        label: t('check.opening'),
        hint: t('check.opening_hint'),
        error: errorOf('opening'),
        rows: 4,
      }),
      textField({ id: 'noted', label: t('check.noted'), hint: t('check.noted_hint'), error: errorOf('noted') }),
      actions(button(t('check.go'), null, 'primary')),
    ],
  }
}
