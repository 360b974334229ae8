// The way to take the voting pass off a device that others use.
import { h } from '../page/dom.js'
import { actions, button, paragraph } from '../page/parts.js'

export function forgetPass({ t, kept }) {
  const said = h('p', { role: 'status' })
  const forget = () => {
    kept.forgetPass()
    said.textContent = t('cast.forgotten')
  }
  return [paragraph(t('cast.pass')), actions(button(t('cast.forget'), forget)), said]
}
