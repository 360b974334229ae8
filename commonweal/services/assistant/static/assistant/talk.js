// Asks without loading the page again. Whatever goes wrong, the form is sent as it is without this file: its key lets
// the same words be said once only.
const log = document.getElementById('talk')
const list = log.querySelector('ol')
const standing = document.getElementById('talk-standing')
const search = document.getElementById('talk-search')
const place = document.getElementById('talk-ask')
const form = place?.querySelector('form')

async function * eventsOf (response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const parts = (text + value).split('\n\n')
    text = parts.pop()
    for (const part of parts) {
      const [name, ...lines] = part.split('\n')
      yield [name.slice('event: '.length), lines.map((line) => line.slice('data: '.length)).join('\n')]
    }
  }
}

// A part of this node's own page, as the page itself is read: no script in it would run.
const nodes = (html) => new DOMParser().parseFromString(html, 'text/html').body.childNodes

// What each event does; `item` is the message that it belongs to, also when the next question was asked meanwhile.
const show = {
  said (html) {
    search.textContent = ''
    log.hidden = false
    for (const offer of list.querySelectorAll('form')) offer.remove() // it stood under what was the last answer
    list.append(...nodes(html))
  },
  sources (html, item) { item.querySelector('blockquote:last-of-type')?.after(...nodes(html)) },
  standing (html) { standing.replaceChildren(...nodes(html)) },
  key (key) {
    form.elements.key.value = key
    form.elements.text.value = ''
    form.elements.text.dispatchEvent(new Event('input')) // for the count of characters
    form.ariaBusy = 'false'
  },
  plainer (html, item) { item.querySelector('blockquote + p').after(...nodes(html)) },
  sentence (html, item) { item.querySelector('[data-plainer]').append(...nodes(html), ' ') }
}

async function ask () {
  const sent = new FormData(form)
  sent.set('seen', list.children.length)
  const response = await fetch(place.dataset.stream, { method: 'POST', body: sent })
  if (response.status !== 200) return false
  let item, answered
  try {
    for await (const [name, html] of eventsOf(response)) {
      show[name]?.(html, item)
      if (name === 'said') item = list.lastElementChild
      answered ||= name === 'key'
    }
  } catch { /* the line broke: what came is kept */ }
  return answered
}

form?.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (form.ariaBusy === 'true') return
  form.ariaBusy = 'true'
  search.textContent = search.dataset.words
  if (!await ask().catch(() => false)) form.submit()
})
