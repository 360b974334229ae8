// Drawing the voting pass: the one moment at which the voter says who they are, and says nothing else.
import { drawPass } from '../crypto/pass.js'
import { h } from '../page/dom.js'
import { actions, button, paragraph } from '../page/parts.js'

export function pass(booth) {
  const { t, setup } = booth
  return {
    title: t('pass.title'),
    body: [
      h('h1', { tabindex: '-1' }, t('pass.title')),
      paragraph(t('pass.what')),
      paragraph(t('pass.where', { host: new URL(setup.pass_url).host })),
      paragraph(t('pass.kept')),
      paragraph(t('pass.shared')),
      actions(button(t('pass.go'), null, 'primary'), button(t('back'), () => booth.back())),
    ],
    async onsubmit() {
      const drawn = booth.kept.pass() ?? (await drawPass(setup.pass_key))
      try {
        booth.kept.keepPass(drawn)
      } catch {
        return booth.redraw([{ text: t('error.not_kept') }])
      }
      const signer = new URL(setup.pass_url)
      signer.searchParams.set('blinded', drawn.blinded)
      signer.searchParams.set('return', location.href.split('#')[0])
      return location.assign(signer)
    },
  }
}
