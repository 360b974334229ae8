// Fields that only trustees meet.
import { h } from '../page/dom.js'
import { field } from '../page/parts.js'

/** A field for one file, or several. */
export const fileField = ({ id, label, hint, error, multiple }) =>
  field({ id, label, hint, error }, 'input', { type: 'file', accept: '.json,application/json', multiple })

/** A field for a whole number from 1. */
export const numberField = ({ id, label, hint, error }) =>
  field({ id, label, hint, error }, 'input', { type: 'text', inputmode: 'numeric', dir: 'ltr', autocomplete: 'off' })

/** A heading that takes the focus. */
export const heading = (words) => h('h1', { tabindex: '-1' }, words)

export const errorOf = (errors, id) => errors.find(({ field: named }) => named === id)?.text

/** The files that were chosen in a field. */
export const filesIn = (form, id) => form.getAll(id).filter(({ name }) => name)
