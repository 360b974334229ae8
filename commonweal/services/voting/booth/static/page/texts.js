// The booth's own words, in the languages of the bundle.
export const LANGUAGES = { en: 'English', fr: 'Français', es: 'Español', ar: 'العربية' }

export const direction = (language) => (language === 'ar' ? 'rtl' : 'ltr')

/** The language asked for in the address, else the first of the browser's that the bundle speaks, else English. */
export function preferredLanguage() {
  const asked = new URLSearchParams(location.search).get('lang')
  const wishes = [asked, ...navigator.languages].filter(Boolean).map((tag) => tag.split('-')[0])
  return wishes.find((language) => language in LANGUAGES) ?? 'en'
}

/** A function from a text's name, and values for its {gaps}, to the text; those of a later folder go before. */
export async function loadTexts(language, ...more) {
  const folders = ['texts', ...more]
  const load = async (folder) => (await fetch(new URL(`../${folder}/${language}.json`, import.meta.url))).json()
  const texts = Object.assign({}, ...(await Promise.all(folders.map(load))))
  return (name, values = {}) => {
    if (!(name in texts)) throw new Error(`no text ${name} in ${language}`)
    return texts[name].replace(/\{(\w+)\}/g, (_, gap) => values[gap])
  }
}

/** Puts the language into the address, so that it outlasts a reload and the way to the sign-in and back. */
export function rememberLanguage(language) {
  const address = new URL(location.href)
  address.searchParams.set('lang', language)
  history.replaceState(history.state, '', address)
}
