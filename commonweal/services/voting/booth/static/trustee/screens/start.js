// What a trustee can do here, and what the page is worth.
import { h } from '../../page/dom.js'
import { actions, button, paragraph } from '../../page/parts.js'
import { heading } from '../parts.js'

export const start = (desk) => ({
  title: desk.t('desk.title'),
  body: [
    heading(desk.t('desk.title')),
    paragraph(desk.t('desk.what')),
    paragraph(h('strong', {}, desk.t('desk.copies'))),
    h('h2', {}, desk.t('desk.before')),
    paragraph(desk.t('desk.before_more')),
    actions(
      button(desk.t('key.title'), () => desk.go('key')),
      button(desk.t('certificate.title'), () => desk.go('certificate')),
      button(desk.t('next.title'), () => desk.go('next')),
    ),
    h('h2', {}, desk.t('desk.after')),
    paragraph(desk.t('desk.after_more')),
    actions(
      button(desk.t('shuffle.title'), () => desk.go('shuffle')),
      button(desk.t('decrypt.title'), () => desk.go('decrypt')),
    ),
  ],
})
