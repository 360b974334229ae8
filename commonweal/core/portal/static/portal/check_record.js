// The page "Check this record": runs the ledger's check and says the result in plain words.
const box = document.getElementById('check')
const button = document.getElementById('check-now')
const progress = document.getElementById('check-progress')
const result = document.getElementById('check-result')
const texts = document.getElementById('check-texts').dataset
const words = JSON.parse(document.getElementById('check-words').textContent)

function add (tag, classes, text) {
  const element = document.createElement(tag)
  element.className = classes
  element.textContent = text
  result.append(element)
  return element
}

const number = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })

function list (lines) {
  const items = add('ul', 'govuk-list govuk-list--bullet', '')
  for (const line of lines) {
    const item = document.createElement('li')
    item.textContent = line
    items.append(item)
  }
}

function show (found, seconds) {
  add('h2', 'govuk-heading-m', found.ok ? texts.everythingFits : texts.somethingWrong)
  if (found.ok) {
    const lines = [
      `${texts.entriesChecked}: ${number(found.entries)} (${texts.seconds}: ${number(seconds)})`,
      `${texts.logSize}: ${number(found.checkpointSize)}`,
      found.signature === 'verified' ? texts.signatureVerified : texts.signatureUnsupported
    ]
    if (found.pending) lines.push(`${texts.pending}: ${number(found.pending)}`)
    if (found.erased) lines.push(`${texts.erased}: ${number(found.erased)}`)
    list(lines)
    add('p', 'govuk-body', texts.remembered)
  } else {
    list(found.findings.map(({ code, n }) => (n ? `${texts.entry} ${n}: ` : '') + (words[code] ?? code)))
    add('p', 'govuk-body', texts.whatNow)
  }
  result.dataset.ok = String(found.ok)
}

async function check () {
  button.disabled = true
  result.replaceChildren()
  progress.textContent = texts.checking
  const started = performance.now()
  try {
    // Fetched when it is wanted, so that the page itself stays light.
    const { checkHistory, fetchFrom, loadAnchor, saveAnchor } = await import('../ledger/check.js')
    const answer = await fetch(box.dataset.history, { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error(`HTTP status ${answer.status}`)
    const history = await answer.json()
    const anchor = history.label ? loadAnchor(history.origin, history.label) : null
    const found = await checkHistory(history, fetchFrom(new URL(box.dataset.log, location.href).href), anchor)
    saveAnchor(history.label, found.anchor)
    show(found, (performance.now() - started) / 1000)
  } catch (error) {
    add('h2', 'govuk-heading-m', texts.unfinished)
    add('p', 'govuk-body', texts.unreachable)
    add('p', 'govuk-hint', String(error))
    result.dataset.ok = 'unfinished'
  }
  progress.textContent = ''
  button.disabled = false
  result.focus()
}

box.hidden = false
button.addEventListener('click', check)
