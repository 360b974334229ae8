// "Read aloud" under each answer, where the browser can speak; without it, or without this file, nothing is there.
const talk = document.getElementById('talk')
const list = talk.querySelector('ol')
const state = document.getElementById('talk-search') // a screen reader says what is written here
const { readAloud, reading, stop } = talk.dataset
let now // what is being read: its button

function end () {
  if (!now) return
  now.button.textContent = readAloud
  state.textContent = ''
  now = undefined
}

// Each part in the language that it is written in; small print and what stands in a form are not read.
function * partsOf (answer) {
  for (const part of answer.querySelectorAll('p.govuk-body:not(form p)')) {
    const words = new SpeechSynthesisUtterance(part.textContent)
    words.lang = part.closest('[lang]').lang
    yield words
  }
}

function toggle (button) {
  const again = now?.button === button
  speechSynthesis.cancel()
  end()
  if (again) return
  const mine = now = { button }
  button.textContent = stop
  state.textContent = reading
  const parts = [...partsOf(button.closest('li'))]
  const over = () => { if (now === mine) end() } // what was cut off says so when another answer is read already
  parts.at(-1).onend = parts.at(-1).onerror = over
  for (const words of parts) speechSynthesis.speak(words)
}

function offer () {
  for (const answer of list.querySelectorAll('.cw-talk__said--agent, .cw-talk__said--officer')) {
    if (answer.querySelector('[data-aloud]') || partsOf(answer).next().done) continue
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'govuk-button govuk-button--secondary'
    button.dataset.aloud = ''
    button.textContent = readAloud
    button.addEventListener('click', () => toggle(button))
    answer.append(button)
  }
}

if ('speechSynthesis' in window) {
  offer()
  new MutationObserver(offer).observe(list, { childList: true })
  addEventListener('pagehide', () => speechSynthesis.cancel())
}
