// "Read aloud" beside what was quoted, where the browser can speak; without it, or without this file, nothing is there.
const list = document.querySelector('#talk ol')
const { readAloud, stop } = document.getElementById('talk').dataset
let speaks // the button whose answer is being read

function end () {
  if (speaks) speaks.textContent = readAloud
  speaks = undefined
}

function toggle (button) {
  const again = speaks === button
  speechSynthesis.cancel()
  end()
  if (again) return
  const quotes = button.closest('li').querySelectorAll('blockquote')
  for (const [at, quote] of quotes.entries()) {
    const words = new SpeechSynthesisUtterance(quote.firstElementChild.textContent)
    words.lang = quote.lang
    words.onerror = end
    if (at === quotes.length - 1) words.onend = () => { if (speaks === button) end() }
    speechSynthesis.speak(words)
  }
  speaks = button
  button.textContent = stop
}

function offer () {
  for (const quote of list.querySelectorAll('li > blockquote:last-of-type:not([data-aloud])')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'govuk-button govuk-button--secondary'
    button.textContent = readAloud
    button.addEventListener('click', () => toggle(button))
    quote.dataset.aloud = ''
    quote.append(button)
  }
}

if ('speechSynthesis' in window) {
  offer()
  new MutationObserver(offer).observe(list, { childList: true, subtree: true })
  addEventListener('pagehide', () => speechSynthesis.cancel())
}
