// What screens are made of. Every part takes words that are already in the voter's language.
import { encode } from '../vendor/uqr.mjs'
import { h } from './dom.js'

export const paragraph = (...children) => h('p', {}, ...children)

export const note = (...children) => h('div', { class: 'note' }, ...children)

export const list = (items) => h('ul', {}, items.map((item) => h('li', {}, item)))

export const steps = (items) => h('ol', {}, items.map((item) => h('li', {}, item)))

export const details = (summary, ...children) => h('details', {}, h('summary', {}, summary), ...children)

export const button = (words, onclick, kind = 'secondary') =>
  h('button', { type: onclick ? 'button' : 'submit', class: kind, onclick }, words)

export const actions = (...buttons) => h('div', { class: 'actions' }, ...buttons)

/** Puts the words on the clipboard, and says so. */
export function copyButton(words, t) {
  const copied = h('span', { role: 'status' })
  const copy = async () => {
    await navigator.clipboard.writeText(words)
    copied.textContent = t('copied')
  }
  return actions(button(t('copy'), copy), copied)
}

/** A tracker or link: always left to right, never translated, breakable anywhere. */
export const code = (words, attributes = {}) => h('code', { dir: 'ltr', translate: 'no', ...attributes }, words)

/** Which state the vote is in: by word, by shape and by colour. */
export const status = (kind, words, explanation) =>
  h('div', { class: `status ${kind}`, id: 'status' }, h('strong', {}, words), ' ', h('span', {}, explanation))

/** What is wrong with a form, each with a way to its field. */
export const errorSummary = (heading, errors) =>
  h(
    'div',
    { class: 'errors', role: 'alert', tabindex: '-1', id: 'errors' },
    h('h2', {}, heading),
    h('ul', {}, errors.map(({ field, text }) => h('li', {}, field ? h('a', { href: `#${field}` }, text) : text))),
  )

const described = (id, hint, error) => [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || null

const hintAndError = (id, hint, error) => [
  hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
  error && h('p', { class: 'error', id: `${id}-error` }, error),
]

/** A field with its label, hint and error. */
export function field({ id, label, hint, error, value }, tag, attributes) {
  const told = { 'aria-describedby': described(id, hint, error), 'aria-invalid': error ? 'true' : null }
  const input = h(tag, { id, name: id, ...told, ...attributes })
  if (value) input.value = value
  return h('div', { class: 'field' }, h('label', { for: id }, label), hintAndError(id, hint, error), input)
}

/** A field for text that is not in any language: a credential, a tracker, a link. */
export function textField({ rows, ...about }) {
  const attributes = { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', dir: 'ltr' }
  return rows
    ? field(about, 'textarea', { ...attributes, rows })
    : field(about, 'input', { ...attributes, type: 'text' })
}

/** A question with what it offers: `body` after legend, hint and error. */
export const fieldset = ({ id, legend, hint, error }, ...body) =>
  h(
    'fieldset',
    { id, tabindex: '-1', 'aria-describedby': described(id, hint, error) },
    h('legend', {}, h('h1', { tabindex: '-1' }, legend)),
    hintAndError(id, hint, error),
    ...body,
  )

/** A radio button or checkbox with its label. */
export const option = (type, { id, name, value, checked, label }) =>
  h(
    'div',
    { class: 'option' },
    h('input', { type, id, name, value, checked }),
    h('label', { for: id }, label),
  )

/** A list to choose one entry of: pairs of value and words. */
export function select({ id, label, options, value }) {
  const field = h('select', { id, name: id }, options.map(([key, words]) => h('option', { value: key }, words)))
  field.value = value
  return h('div', { class: 'row' }, h('label', { for: id }, label), field)
}

const QUIET_ZONE = 4

/** The text as a QR code, black on white in any colour scheme; null if it is too long for one. */
export function qrImage(words, label) {
  let code
  try {
    code = encode(words, { ecc: 'L', border: QUIET_ZONE })
  } catch {
    return null
  }
  const { size, data } = code
  const cells = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
  return h(
    'svg',
    { viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label, class: 'qr', 'shape-rendering': 'crispEdges' },
    h('path', { d: `M0 0h${size}v${size}h-${size}z`, fill: '#fff' }),
    h('path', { d: cells.join(''), fill: '#000' }),
  )
}
