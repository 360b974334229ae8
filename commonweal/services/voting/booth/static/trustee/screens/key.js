// A key of which all trustees' are needed.
import { actions, button, paragraph } from '../../page/parts.js'
import { newKey } from '../moves.js'
import { heading } from '../parts.js'

export const key = (desk) => ({
  title: desk.t('key.title'),
  body: [
    heading(desk.t('key.title')),
    paragraph(desk.t('key.what')),
    actions(button(desk.t('key.go'), null, 'primary'), button(desk.t('back'), () => desk.go('start'))),
  ],
  onsubmit: () => desk.hand(newKey(desk.box.uuid)),
})
