// The election as its record has it, and the words in which a voter reads it.
import { readKey, NAME } from '../crypto/group.js'
import { hashText } from '../crypto/hashing.js'

/**
 * What a ballot is bound to, read from the exact text of the election. Throws if it is not the election with this
 * fingerprint and id, or not one that this booth can encrypt for.
 */
export function readElection(text, fingerprint, expected) {
  if (hashText(text) !== fingerprint) throw new Error('the fingerprint is not that of this election')
  const { version, group, uuid, name, description, public_key: key, questions } = JSON.parse(text)
  if (uuid !== expected) throw new Error('another election')
  if (version !== 1 || group !== NAME) throw new Error('another version of the protocol')
  return { uuid, name, description, fingerprint, publicKey: readKey(key), questions: questions.map(readQuestion) }
}

function readQuestion(written) {
  if (!('type' in written)) return { ranked: false, blank: false, ...written }
  if (written.type !== 'NonHomomorphic') throw new Error(`a question of type ${written.type}`)
  return { ranked: true, ...written.value, ...readMethod(written.extra) }
}

/** How a ranked question is counted decides how it is asked: by grades, support, or ranks with or without ties. */
function readMethod(extra) {
  const { type, value = {} } = extra ?? {}
  if (type === 'MajorityJudgment' && Array.isArray(value.grades)) return { asked: 'grades', grades: value.grades }
  if (type === 'EqualShares') return { asked: 'support' }
  return { asked: 'ranks', ties: type !== 'STV' }
}

/** The election's own words, beside their translation where the setup has one: `{ words, translated }`. */
export function inLanguage(election, texts, language) {
  const translation = texts?.[language] ?? {}
  const both = (words, translated) => ({ words, translated: translated && translated !== words ? translated : null })
  const all = (words, translated) => (words ?? []).map((each, place) => both(each, translated?.[place]))
  const inQuestion = ({ question, answers, grades }, translated = {}) => ({
    question: both(question, translated.question),
    answers: all(answers, translated.answers),
    grades: all(grades, translated.grades),
  })
  return {
    name: both(election.name, translation.name),
    description: both(election.description, translation.description),
    questions: election.questions.map((question, index) => inQuestion(question, translation.questions?.[index])),
  }
}
