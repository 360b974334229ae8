// A threshold key, first move: who this trustee is towards the others.
import { actions, button, paragraph } from '../../page/parts.js'
import { newCertificate } from '../moves.js'
import { errorOf, heading, numberField } from '../parts.js'

const FIELDS = ['size', 'threshold', 'index']

export const certificate = (desk, errors) => ({
  title: desk.t('certificate.title'),
  body: [
    heading(desk.t('certificate.title')),
    paragraph(desk.t('certificate.what')),
    FIELDS.map((id) => numberField({ id, label: desk.t(`certificate.${id}`), error: errorOf(errors, id) })),
    actions(button(desk.t('certificate.go'), null, 'primary'), button(desk.t('back'), () => desk.go('start'))),
  ],
  onsubmit(form) {
    const [size, threshold, index] = FIELDS.map((id) => Number(form.get(id)))
    const most = { size: Infinity, threshold: size, index: size }
    const wrong = FIELDS.find((id) => !/^[1-9]\d{0,2}$/.test(form.get(id)) || Number(form.get(id)) > most[id])
    if (wrong) return desk.redraw(wrong, `error.${wrong}`)
    return desk.hand(newCertificate(desk.box.uuid, size, threshold, index))
  },
})
