// Loads the live part of a page anew whenever the public log has grown. The page works without this file.
const live = document.querySelector('[data-live]')
let waiting = false

async function renew () {
  if (waiting || document.hidden) return
  waiting = true
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: 'text/html' } })
    if (!answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-live]')
    if (fresh && fresh.innerHTML !== live.innerHTML) live.replaceChildren(...fresh.childNodes)
  } finally {
    setTimeout(() => { waiting = false }, 1000)
  }
}

if (live && live.dataset.live) {
  new EventSource(live.dataset.live).addEventListener('checkpoint', renew)
}
