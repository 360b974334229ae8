// The page around every screen: languages, the state of the vote, one form, and where the focus goes.
import { h } from './dom.js'
import { errorSummary } from './parts.js'
import { LANGUAGES, direction } from './texts.js'

const byId = (id) => document.getElementById(id)

/** Buttons for the other languages; the page keeps what was entered. */
export function showLanguages(current, t, choose) {
  document.documentElement.lang = current
  document.documentElement.dir = direction(current)
  byId('brand').textContent = t('brand')
  byId('skip').textContent = t('skip')
  const languages = byId('languages')
  languages.setAttribute('aria-label', t('languages'))
  const entry = ([language, name]) =>
    h(
      'button',
      {
        type: 'button',
        lang: language,
        onclick: () => choose(language),
        'aria-current': language === current && 'true',
      },
      name,
    )
  const hadFocus = languages.contains(document.activeElement)
  languages.replaceChildren(...Object.entries(LANGUAGES).map(entry))
  if (hadFocus) languages.querySelector('[aria-current]').focus()
}

/** Which state the vote is in, announced when it changes. */
export function showState(kind, words, explanation) {
  const state = byId('state')
  if (state.textContent === words + explanation && state.className === `status ${kind}`) return
  state.className = `status ${kind}`
  state.replaceChildren(h('strong', {}, words), h('span', {}, explanation))
}

/** Puts a screen on the page, restores what was entered in it before, and moves the focus to its start. */
export function showScreen({ title, body, onsubmit }, { t, errors = [], entered, focus, state = '' }) {
  const send = (event) => submit(event, form, onsubmit)
  const form = h('form', { novalidate: true, autocomplete: 'off', onsubmit: send }, body)
  if (entered) restore(form, entered)
  byId('main').replaceChildren(...(errors.length ? [errorSummary(t('error.title'), errors)] : []), form)
  const prefix = errors.length ? `${t('error.prefix')} ` : ''
  document.title = [`${prefix}${title}`, state, t('brand')].filter(Boolean).join(' – ')
  if (!focus) return
  scrollTo(0, 0)
  ;(byId('errors') ?? form.querySelector('h1')).focus()
}

async function submit(event, form, onsubmit) {
  event.preventDefault()
  if (!onsubmit || form.ariaBusy === 'true') return
  form.ariaBusy = 'true'
  try {
    await onsubmit(new FormData(form))
  } finally {
    form.ariaBusy = 'false'
  }
}

/** What is entered in the form on the page. */
export const enteredNow = () => new FormData(byId('main').querySelector('form'))

function restore(form, entered) {
  for (const field of form.elements) {
    if (['radio', 'checkbox'].includes(field.type)) field.checked = entered.getAll(field.name).includes(field.value)
    else if (field.type === 'file') field.files = chosenAgain(entered.getAll(field.name))
    else if (field.name && entered.has(field.name)) field.value = entered.get(field.name)
  }
}

function chosenAgain(files) {
  const chosen = new DataTransfer()
  for (const file of files) if (file.name) chosen.items.add(file)
  return chosen.files
}
