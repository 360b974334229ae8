// After the close, where a question is ranked: the board is checked, then this trustee shuffles its ranked ballots.
import { systemRandomness } from '../../crypto/randomness.js'
import { contribution } from '../contribution.js'
import { makeShuffle } from '../shuffle.js'
import { closedBoard } from './closed.js'

export const shuffle = (desk, errors) => closedBoard(desk, errors, 'shuffle', shuffled)

async function shuffled({ key, owner, frozen: { election }, mixed: { rows, shuffles, ended } }, told) {
  const { questions, publicKey, fingerprint } = election
  const ranked = rows.filter((_, place) => questions[place].ranked)
  if (!ranked.length) return { error: 'error.not_ranked' }
  if (ended) return { error: 'error.enough' }
  if (shuffles.some((one) => one.owner === owner)) return { error: 'error.shuffled' }
  const made = await makeShuffle(ranked, publicKey, fingerprint, systemRandomness(), told('shuffle'))
  return { content: contribution('shuffle', key, owner, fingerprint, made) }
}
