// What a trustee keeps or hands over are files: nothing secret is stored in the browser, or sent.
import { h } from '../page/dom.js'

/** Gives the trustee a JSON text as a file. */
export function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  h('a', { href: address, download: name }).click()
  URL.revokeObjectURL(address)
}

/** The JSON values in the chosen files. Rejects for what is no JSON. */
export const read = (files) => Promise.all(files.map(async (file) => JSON.parse(await file.text())))
