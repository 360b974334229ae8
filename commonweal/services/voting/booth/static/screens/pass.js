// Drawing the voting pass: the one moment at which the voter says who they are, and says nothing else.
import { drawPass } from '../crypto/pass.js'
import { h } from '../page/dom.js'
import { actions, button, paragraph, textField } from '../page/parts.js'

export function pass(booth, errors) {
  const { t, setup } = booth
  const explained = [
    h('h1', { tabindex: '-1' }, t('pass.title')),
    paragraph(t('pass.what')),
    paragraph(t('pass.where', { host: new URL(setup.pass_url).host })),
    paragraph(t('pass.kept')),
    paragraph(t('pass.shared')),
  ]
  const back = button(t('back'), () => booth.back())
  const form = booth.isCopy() ? carriedBack(booth, back, errors) : cameBack(booth, back)
  return { title: t('pass.title'), body: [...explained, ...form.body], onsubmit: form.onsubmit }
}

/** The signer sends the voter back to this page. */
const cameBack = (booth, back) => ({
  body: [actions(button(booth.t('pass.go'), null, 'primary'), back)],
  onsubmit: () => goTo(booth, location.href.split('#')[0], (signer) => location.assign(signer)),
})

/** The signer sends voters to the box's own booth alone; from there they carry the blind signature to this copy. */
function carriedBack(booth, back, errors) {
  const { t } = booth
  const inAnotherTab = (signer) => open(signer, '_blank', 'noopener')
  return {
    body: [
      paragraph(t('pass.copy')),
      actions(button(t('pass.go'), () => goTo(booth, booth.ownBooth(), inAnotherTab))),
      textField({ id: 'carried', label: t('pass.code'), error: errors[0]?.text, rows: 4 }),
      actions(button(t('continue'), null, 'primary'), back),
    ],
    onsubmit: (form) => booth.receivePass(form.get('carried').replace(/\s/g, '')),
  }
}

async function goTo(booth, returning, leave) {
  const drawn = booth.kept.pass() ?? (await drawPass(booth.setup.pass_key))
  try {
    booth.kept.keepPass(drawn)
  } catch {
    return booth.redraw([{ text: booth.t('error.not_kept') }])
  }
  const signer = new URL(booth.setup.pass_url)
  signer.searchParams.set('blinded', drawn.blinded)
  signer.searchParams.set('return', returning)
  return leave(signer)
}
