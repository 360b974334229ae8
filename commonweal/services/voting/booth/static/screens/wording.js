// The election's own words on screen: translated where the setup has a translation, always with the record's beside.
import { describe } from '../election/answers.js'
import { h } from '../page/dom.js'

/** `lang=""`: the record does not say in which language it is written. */
export const inRecord = (words) => h('bdi', { lang: '' }, words)

export const wording = ({ words, translated }) =>
  translated
    ? [h('bdi', {}, translated), ' ', h('span', { class: 'record' }, inRecord(words))]
    : inRecord(words)

/** Each question with what was chosen; `after(index)` may add something to each. */
export const chosenList = (election, words, choices, t, after = () => null) =>
  h(
    'dl',
    { class: 'choices' },
    election.questions.map((question, index) => [
      h('dt', {}, wording(words.questions[index].question)),
      describe(question, choices[index], worded(words.questions[index]), t).map((line) => h('dd', {}, line)),
      h('dd', { class: 'after' }, after(index)),
    ]),
  )

const worded = ({ answers, grades }) => ({ answers: answers.map(wording), grades: grades.map(wording) })
