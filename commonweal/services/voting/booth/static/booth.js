// The booth: from the first screen to the ballot in the box. What a voter enters lives in this page's memory alone.
import { finishPass } from './crypto/pass.js'
import { isReceipt } from './crypto/receipt.js'
import { loadSodium } from './crypto/sodium.js'
import { boxOfThisPage, NoAnswer, readSetup, sendBallot } from './election/box.js'
import { inLanguage, readElection } from './election/election.js'
import { keptFor } from './election/kept.js'
import { orderOf } from './election/order.js'
import { sealBallot } from './election/sealing.js'
import { enteredNow, showLanguages, showScreen, showState } from './page/frame.js'
import { loadTexts, preferredLanguage, rememberLanguage } from './page/texts.js'
import { carry } from './screens/carry.js'
import { cast } from './screens/cast.js'
import { credential } from './screens/credential.js'
import { opened } from './screens/opened.js'
import { pass } from './screens/pass.js'
import { question } from './screens/question.js'
import { refusal } from './screens/refusal.js'
import { review } from './screens/review.js'
import { start } from './screens/start.js'
import { unusable } from './screens/unusable.js'

const SCREENS = { start, pass, carry, credential, review, opened, cast }
const BLIND_SIGNATURE = /^#blind_signature=([\w-]+)$/

class Booth {
  constructor(box, setup, election) {
    this.box = box
    this.setup = setup
    this.election = election
    this.kept = keptFor(election.uuid)
    this.orders = election.questions.map(({ answers }, index) => orderOf(answers, setup.order?.[index]))
    this.empty()
  }

  /** Forgets everything that was entered. */
  empty() {
    this.code = null
    this.choices = this.election.questions.map(() => null)
    this.entered = {}
    this.sealed = null
    this.opened = null
    this.castTracker = null
    this.receipt = null
    this.unconfirmed = false
  }

  async speak(language) {
    this.language = language
    this.t = await loadTexts(language)
    this.words = inLanguage(this.election, this.setup.texts, language)
    showLanguages(language, this.t, async (chosen) => {
      const entered = enteredNow()
      rememberLanguage(chosen)
      await this.speak(chosen)
      this.show(this.screen, { entered, focus: false })
    })
  }

  // Screens

  show(screen, { errors = [], entered = this.entered[screen], focus = true } = {}) {
    this.screen = screen
    const [kind, name] = this.state()
    showState(kind, this.t(`status.${name}`), this.t(`status.${name}_more`))
    const [, index] = screen.split('question-')
    const made = index ? question(this, errors, Number(index)) : SCREENS[screen](this, errors)
    showScreen(made, { t: this.t, errors, entered, focus, state: this.t(`status.${name}`) })
  }

  state() {
    if (this.castTracker) return ['cast', 'cast']
    return this.unconfirmed ? ['not-cast', 'unconfirmed'] : ['not-cast', 'not_cast']
  }

  go(screen, options) {
    history.pushState({ screen }, '')
    this.show(screen, options)
  }

  back() {
    history.back()
  }

  redraw(errors) {
    this.show(this.screen, { errors, entered: enteredNow() })
  }

  /** The first screen that still needs something. */
  next() {
    if (!this.kept.pass()?.signature) return this.go('pass')
    if (!this.code) return this.go('credential')
    const unanswered = this.choices.indexOf(null)
    return this.go(unanswered < 0 ? 'review' : `question-${unanswered}`)
  }

  /** Where the browser's own back and forward buttons lead. */
  revisit(screen) {
    if (this.castTracker) return this.show('cast')
    const needsCode = screen.startsWith('question') || screen === 'review' || screen === 'opened'
    if (needsCode && !this.code) return this.show('start')
    this.opened = null
    const complete = !this.choices.includes(null)
    if (screen === 'opened' || screen === 'review') return this.show(complete ? 'review' : 'start')
    return this.show(screen === 'cast' ? 'start' : screen)
  }

  // What the voter does

  useCredential(code) {
    this.code = code
    this.sealed = null
    this.kept.begin()
    this.next()
  }

  answer(index, choices) {
    this.choices[index] = choices
    this.entered[`question-${index}`] = enteredNow()
    this.sealed = null
    this.next()
  }

  seal() {
    this.sealed ??= sealBallot(this.election, this.code, this.choices)
    return this.sealed
  }

  open() {
    const { tracker, wasSent } = this.sealed
    if (wasSent()) return this.redraw([{ text: this.t('error.sent_already') }])
    this.opened = { tracker, choices: this.choices, opening: this.sealed.open() }
    this.sealed = null
    return this.go('opened')
  }

  makeAnother() {
    this.opened = null
    this.go('review')
  }

  async cast() {
    const { tracker } = this.sealed
    const { message, signature } = this.kept.pass() ?? {}
    if (!signature) return this.go('pass')
    showState('not-cast', this.t('status.sending'), this.t('status.sending_more'))
    this.kept.send()
    let answer
    try {
      answer = await sendBallot(this.box, this.sealed.toCast(), { message, signature })
      if (answer.tracker !== tracker) throw new NoAnswer('another tracker')
    } catch (failure) {
      if (!(failure instanceof NoAnswer)) return refusal(this, failure)
      this.unconfirmed = true
      return this.redraw([{ text: this.t('error.no_answer') }])
    }
    this.kept.finish()
    this.empty()
    this.castTracker = tracker
    if (isReceipt(answer.receipt, this.box.uuid, tracker, this.setup.receipt_key)) this.receipt = answer.receipt
    return this.go('cast')
  }

  voteAgain() {
    this.empty()
    this.next()
  }

  // The voting pass

  isCopy() {
    return new URL(this.box.root).origin !== location.origin
  }

  /** The address of this election's booth at the box itself. */
  ownBooth() {
    return new URL(`booth/${this.box.uuid}/`, this.box.root).href
  }

  async receivePass(blindSignature) {
    const drawn = this.kept.pass()
    if (!drawn?.inverse && !this.isCopy()) {
      this.carried = blindSignature
      return this.show('carry')
    }
    try {
      const signature = await finishPass(this.setup.pass_key, drawn, blindSignature)
      this.kept.keepPass({ message: drawn.message, signature })
    } catch {
      const errors = [{ field: this.isCopy() && 'carried', text: this.t('error.pass') }]
      return this.show('pass', { errors })
    }
    return this.next()
  }
}

async function main() {
  const language = preferredLanguage()
  const t = await loadTexts(language)
  const stop = (reason) => showScreen(unusable(t, reason), { t })
  showLanguages(language, t, (chosen) => {
    rememberLanguage(chosen)
    location.reload()
  })
  const box = boxOfThisPage()
  let setup, election
  try {
    await loadSodium()
  } catch {
    return stop('device')
  }
  try {
    setup = await readSetup(box)
  } catch {
    return stop('unreachable')
  }
  try {
    election = readElection(setup.election, setup.fingerprint, box.uuid)
  } catch {
    return stop('wrong')
  }
  const booth = new Booth(box, setup, election)
  await booth.speak(language)
  addEventListener('popstate', ({ state }) => booth.revisit(state?.screen ?? 'start'))
  addEventListener('beforeunload', (event) => {
    if (booth.code !== null) event.preventDefault()
  })
  const [, blindSignature] = BLIND_SIGNATURE.exec(location.hash) ?? []
  history.replaceState({ screen: 'start' }, '', location.href.split('#')[0])
  return blindSignature ? booth.receivePass(blindSignature) : booth.show('start', { focus: false })
}

main()
