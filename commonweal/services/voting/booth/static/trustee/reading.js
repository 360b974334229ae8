// The shape of what others wrote.
import { Wrong } from './wrong.js'

/** A list of so many items. Throws Wrong. */
export function exactly(count, items) {
  if (!Array.isArray(items) || items.length !== count) throw new Wrong(`${count} items`)
  return items
}

/** Throws Wrong unless the value has these fields in this order. */
export function requireFields(value, fields, what) {
  if (`${Object.keys(value ?? {})}` !== fields) throw new Wrong(what)
}
