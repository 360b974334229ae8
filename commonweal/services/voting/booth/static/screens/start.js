// Before anything is asked: which election, what is needed, what is protected and what is not.
import { pageFor } from '../page/address.js'
import { h } from '../page/dom.js'
import { actions, button, code, details, list, note, paragraph, status, steps } from '../page/parts.js'
import { forgetPass } from './forget_pass.js'
import { wording } from './wording.js'

export function start(booth) {
  const { t, setup, election, words } = booth
  const open = setup.state === 'open'
  const left = booth.kept.left()
  return {
    title: words.name.translated ?? words.name.words,
    onsubmit: () => booth.next(),
    body: [
      h('h1', { tabindex: '-1' }, wording(words.name)),
      election.description && paragraph(wording(words.description)),
      left && status('not-cast', t(`left.${left}`), t(`left.${left}_more`)),
      (!setup.binding || setup.low_stakes) &&
        note(
          !setup.binding && paragraph(h('strong', {}, t('start.not_binding'))),
          setup.low_stakes && paragraph(t('start.low_stakes')),
        ),
      !open && paragraph(h('strong', {}, t('start.not_open'))),
      h('h2', {}, t('start.how')),
      steps([t('start.step_pass'), t('start.step_credential'), t('start.step_choose'), t('start.step_cast')]),
      paragraph(h('strong', {}, t('start.again'))),
      open && actions(button(t('start.go'), null, 'primary')),
      details(
        t('start.kept'),
        paragraph(t('start.kept_text')),
        paragraph(t('start.never_kept')),
        booth.kept.pass()?.signature && forgetPass(booth),
      ),
      details(
        t('start.limits'),
        paragraph(t('start.gives')),
        list(['coercion', 'malware', 'server', 'denial', 'traffic', 'future'].map((limit) => t(`limit.${limit}`))),
        paragraph(t('start.other_way')),
      ),
      details(
        t('start.observers'),
        paragraph(t('start.fingerprint'), ' ', code(election.fingerprint)),
        paragraph(t('start.bundle'), ' ', code(setup.bundle)),
        paragraph(h('a', { href: pageFor('check') }, t('check.title'))),
      ),
    ],
  }
}
