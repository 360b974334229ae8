// The credential that the authority sent, checked as far as its form allows.
import { readCredential } from '../crypto/credential.js'
import { h } from '../page/dom.js'
import { actions, button, paragraph, textField } from '../page/parts.js'

export function credential(booth, errors) {
  const { t } = booth
  return {
    title: t('credential.title'),
    body: [
      h('h1', { tabindex: '-1' }, t('credential.title')),
      paragraph(t('credential.what')),
      textField({
        id: 'credential',
        label: t('credential.label'),
        hint: t('credential.hint'),
        error: errors[0]?.text,
      }),
      paragraph(t('credential.secret')),
      actions(button(t('continue'), null, 'primary'), button(t('back'), () => booth.back())),
    ],
    onsubmit(form) {
      const { code, wrong, length } = readCredential(form.get('credential'))
      if (wrong) return fail(booth, t('error.credential_characters', { characters: wrong.join(' ') }))
      if (length !== undefined) return fail(booth, t('error.credential_length', { typed: length }))
      return booth.useCredential(code)
    },
  }
}

const fail = (booth, text) => booth.redraw([{ field: 'credential', text }])
