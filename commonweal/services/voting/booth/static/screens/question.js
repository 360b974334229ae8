// One question of the election.
import { readAnswer } from '../election/answers.js'
import { h } from '../page/dom.js'
import { actions, button, fieldset, option, paragraph, select } from '../page/parts.js'
import { wording } from './wording.js'

export function question(booth, errors, index) {
  const { t, election, words } = booth
  const asked = election.questions[index]
  const place = t('question.place', { number: index + 1, count: election.questions.length })
  return {
    title: `${words.questions[index].question.translated ?? asked.question} – ${place}`,
    body: [
      h('p', { class: 'place' }, place),
      fieldset(
        {
          id: 'question',
          legend: wording(words.questions[index].question),
          hint: hint(asked, t),
          error: errors[0]?.text,
        },
        offered(booth, asked, index),
      ),
      booth.setup.order?.[index] === 'drawn' && paragraph(t('question.drawn')),
      actions(button(t('continue'), null, 'primary'), button(t('back'), () => booth.back())),
    ],
    onsubmit(form) {
      const { choices, error, ...values } = readAnswer(asked, form)
      if (error) return booth.redraw([{ field: 'question', text: t(error, values) }])
      return booth.answer(index, choices)
    },
  }
}

function hint({ ranked, asked, ties, min, max }, t) {
  if (ranked) return t(asked === 'ranks' && !ties ? 'question.ranks_no_ties' : `question.${asked}`)
  if (max === 1) return t('question.one')
  return min === max ? t('question.exactly', { count: min }) : t('question.between', { min, max })
}

function offered(booth, asked, index) {
  const { t, words } = booth
  const answers = booth.orders[index].map((place) => ({ place, label: wording(words.questions[index].answers[place]) }))
  if (asked.ranked && asked.asked === 'ranks') return answers.map((answer) => rank(answer, asked, t))
  if (asked.ranked && asked.asked === 'grades') {
    return answers.map((answer) => grade(answer, words.questions[index].grades))
  }
  const type = !asked.ranked && asked.max === 1 ? 'radio' : 'checkbox'
  const shown = answers.map(({ place, label }) => choice(type, `${place}`, label))
  if (asked.ranked) return shown
  const none = type === 'radio' && asked.min === 0 && choice(type, 'none', t('answer.none'))
  const blank = asked.blank && choice(type, 'blank', t('answer.blank'))
  return [...shown, (none || blank) && h('p', { class: 'or' }, t('question.or')), none, blank]
}

const choice = (type, value, label) => option(type, { id: `choice-${value}`, name: 'choice', value, label })

function rank({ place, label }, { answers }, t) {
  const ranks = answers.map((_, number) => [`${number + 1}`, `${number + 1}`])
  return select({ id: `rank-${place}`, label, options: [['0', t('question.unranked')], ...ranks], value: '0' })
}

const grade = ({ place, label }, grades) =>
  h(
    'fieldset',
    { class: 'grades' },
    h('legend', {}, label),
    grades.map((words, index) =>
      option('radio', {
        id: `grade-${place}-${index + 1}`,
        name: `grade-${place}`,
        value: index + 1,
        label: wording(words),
      }),
    ),
  )
