// From what a voter ticked to the numbers of a ballot, and from these back to words.
const chosenOf = (form) => form.getAll('choice')

/** The numbers to encrypt as `{ choices }`, or `{ error, ...values }`: the name of the text that says what is wrong. */
export function readAnswer(question, form) {
  if (question.ranked) {
    const read = { grades: readGrades, support: readSupport, ranks: readRanks }[question.asked]
    return read(question, form)
  }
  const chosen = chosenOf(form)
  const blank = chosen.includes('blank')
  const marks = question.answers.map((_, index) => (chosen.includes(`${index}`) ? 1 : 0))
  const count = marks.reduce((sum, mark) => sum + mark, 0)
  if (blank && count) return { error: 'error.blank_and_choice' }
  if (!blank && question.max === 1 && !chosen.length) return { error: 'error.nothing_chosen' }
  if (!blank && (count < question.min || count > question.max)) {
    return { error: 'error.count', chosen: count, min: question.min, max: question.max }
  }
  return { choices: question.blank ? [blank ? 1 : 0, ...marks] : marks }
}

function readGrades(question, form) {
  const choices = question.answers.map((_, index) => Number(form.get(`grade-${index}`) ?? 0))
  return choices.includes(0) ? { error: 'error.grade_missing' } : { choices }
}

function readSupport(question, form) {
  const chosen = chosenOf(form)
  return { choices: question.answers.map((_, index) => (chosen.includes(`${index}`) ? 1 : 0)) }
}

function readRanks(question, form) {
  const choices = question.answers.map((_, index) => Number(form.get(`rank-${index}`)))
  const given = choices.filter(Boolean)
  if (!question.ties && new Set(given).size < given.length) return { error: 'error.rank_twice' }
  return { choices }
}

/** What the numbers say, a line each, in the words of the question's answers and grades; `t` gives the booth's own. */
export function describe(question, choices, { answers, grades }, t) {
  if (question.ranked) return describeRanked(question, choices, answers, grades, t)
  const marks = question.blank ? choices.slice(1) : choices
  if (question.blank && choices[0]) return [t('answer.blank')]
  const chosen = marks.flatMap((mark, index) => (mark ? [answers[index]] : []))
  return chosen.length ? chosen : [t('answer.none')]
}

function describeRanked({ asked }, choices, answers, grades, t) {
  if (asked === 'grades') {
    return answers.map((answer, index) => [answer, ': ', grades[choices[index] - 1] ?? `${choices[index]}`])
  }
  const given = answers.map((_, index) => index).filter((index) => choices[index])
  if (!given.length) return [t('answer.none')]
  if (asked === 'support') return given.map((index) => answers[index])
  return given.sort((a, b) => choices[a] - choices[b]).map((index) => [`${choices[index]}. `, answers[index]])
}
