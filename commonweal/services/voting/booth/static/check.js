// The second device: rebuilds an opened ballot from its seed and says what it holds. Sends nothing but the request for
// the election.
import { rebuildBallot, trackerOf } from './crypto/ballot.js'
import { seededRandomness } from './crypto/randomness.js'
import { loadSodium } from './crypto/sodium.js'
import { boxOfThisPage, readSetup } from './election/box.js'
import { inLanguage, readElection } from './election/election.js'
import { openedElection, readOpening } from './election/opening.js'
import { enteredNow, showLanguages, showScreen } from './page/frame.js'
import { loadTexts, preferredLanguage, rememberLanguage } from './page/texts.js'
import { checkForm } from './screens/check_form.js'
import { checked } from './screens/checked.js'
import { unusable } from './screens/unusable.js'

const NOTED_AT_LEAST = 8

let language, t
let result = null

/** What the opening says that the ballot is, rebuilt here. */
async function rebuild(words) {
  const { uuid, encoded } = openedElection(words)
  const setup = await readSetup({ ...boxOfThisPage(), uuid })
  const election = readElection(setup.election, setup.fingerprint, uuid)
  const { seed, credential, signature, choices } = readOpening(encoded, election)
  const ballot = rebuildBallot(election, credential, choices, seededRandomness(seed), signature)
  return { election, texts: setup.texts, choices, tracker: trackerOf(ballot.content), holds: ballot.signatureHolds }
}

function show({ errors = [], entered, focus = true } = {}) {
  const again = () => {
    result = null
    show()
  }
  const screen = result
    ? checked(t, { ...result, words: inLanguage(result.election, result.texts, language) }, again)
    : checkForm(t, errors, check)
  showScreen(screen, { t, errors, entered, focus })
}

async function check(form) {
  const noted = form.get('noted').replace(/\s/g, '')
  if (noted.length < NOTED_AT_LEAST) return fail('noted', t('error.noted'))
  try {
    const ballot = await rebuild(form.get('opening'))
    result = { ...ballot, same: ballot.holds && ballot.tracker.startsWith(noted) }
  } catch {
    return fail('opening', t('error.opening'))
  }
  return show()
}

const fail = (field, text) => show({ errors: [{ field, text }], entered: enteredNow() })

async function speak(chosen) {
  language = chosen
  t = await loadTexts(language)
  showLanguages(language, t, async (other) => {
    const entered = enteredNow()
    rememberLanguage(other)
    await speak(other)
    show({ entered, focus: false })
  })
}

async function main() {
  await speak(preferredLanguage())
  try {
    await loadSodium()
  } catch {
    return showScreen(unusable(t, 'device'), { t })
  }
  addEventListener('hashchange', () => location.reload())
  const entered = new FormData()
  entered.set('opening', location.hash.slice(1))
  history.replaceState(null, '', location.href.split('#')[0])
  return show({ entered, focus: false })
}

main()
