// Nothing can be cast here: why, and where else.
import { h } from '../page/dom.js'
import { paragraph } from '../page/parts.js'

export const unusable = (t, reason) => ({
  title: t('unusable.title'),
  body: [
    h('h1', { tabindex: '-1' }, t('unusable.title')),
    paragraph(t(`unusable.${reason}`)),
    paragraph(t('start.other_way')),
  ],
})
