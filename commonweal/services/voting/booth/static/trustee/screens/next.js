// A threshold key, second and third move: what all trustees sent goes in, this trustee's part comes out.
import { actions, button, paragraph } from '../../page/parts.js'
import { read } from '../files.js'
import { goOn } from '../moves.js'
import { errorOf, fileField, filesIn, heading } from '../parts.js'

export const next = (desk, errors) => ({
  title: desk.t('next.title'),
  body: [
    heading(desk.t('next.title')),
    paragraph(desk.t('next.what')),
    fileField({ id: 'secret', label: desk.t('next.secret'), error: errorOf(errors, 'secret') }),
    fileField({ id: 'files', label: desk.t('next.files'), error: errorOf(errors, 'files'), multiple: true }),
    actions(button(desk.t('next.go'), null, 'primary'), button(desk.t('back'), () => desk.go('start'))),
  ],
  async onsubmit(form) {
    const [own] = await read(filesIn(form, 'secret')).catch(() => [])
    if (!own) return desk.redraw('secret', 'error.file')
    try {
      const files = await read(filesIn(form, 'files'))
      return desk.hand(await goOn(desk.box.uuid, own, files))
    } catch ({ message }) {
      return desk.redraw('files', 'error.files', { detail: message })
    }
  },
})
