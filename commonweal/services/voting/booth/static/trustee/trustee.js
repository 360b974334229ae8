// The trustee's desk: keys are made, kept as files, and used once. A key lives in this page's memory and nowhere else.
import { loadSodium } from '../crypto/sodium.js'
import { boxOfThisPage } from '../election/box.js'
import { enteredNow, showLanguages, showScreen } from '../page/frame.js'
import { loadTexts, preferredLanguage, rememberLanguage } from '../page/texts.js'
import { unusable } from '../screens/unusable.js'
import { certificate } from './screens/certificate.js'
import { decrypt } from './screens/decrypt.js'
import { key } from './screens/key.js'
import { made } from './screens/made.js'
import { next } from './screens/next.js'
import { ready } from './screens/ready.js'
import { shuffle } from './screens/shuffle.js'
import { start } from './screens/start.js'

const SCREENS = { start, key, certificate, next, made, shuffle, decrypt, ready }

class Desk {
  constructor(box) {
    this.box = box
    this.made = null // what a move gave: `{ secret, handed }`
    this.unsaved = false
    this.ready = null // what goes to the ballot server, and what was counted
  }

  async speak(language) {
    this.language = language
    this.t = await loadTexts(language, 'trustee/texts')
    showLanguages(language, this.t, async (chosen) => {
      const entered = enteredNow()
      rememberLanguage(chosen)
      await this.speak(chosen)
      this.show(this.screen, { entered, focus: false })
    })
  }

  show(screen, { errors = [], entered, focus = true } = {}) {
    this.screen = screen
    showScreen(SCREENS[screen](this, errors), { t: this.t, errors, entered, focus })
  }

  go(screen) {
    this.show(screen)
  }

  /** The same screen again, with what was entered and what is wrong with it. */
  redraw(field, name, values) {
    this.show(this.screen, { errors: [{ field, text: this.t(name, values) }], entered: enteredNow() })
  }

  /** Forgets what a move gave, unless the secret of it would be lost. */
  leave() {
    if (this.unsaved) return this.redraw(null, 'error.unsaved')
    this.made = null
    return this.go('start')
  }

  /** Shows the files that a move gave, and holds the page until the secret one is saved. */
  hand(made) {
    this.made = made
    this.unsaved = Boolean(made.secret)
    this.go('made')
  }
}

/** The page. */
export async function main() {
  const desk = new Desk(boxOfThisPage())
  await desk.speak(preferredLanguage())
  try {
    await loadSodium()
  } catch {
    return showScreen(unusable(desk.t, 'device'), { t: desk.t })
  }
  addEventListener('beforeunload', (event) => {
    if (desk.unsaved) event.preventDefault()
  })
  return desk.show('start', { focus: false })
}

main()
