// The ballot box: where the election comes from, and where ballots and trustees' parts go to. Nothing else is sent.

/** The box that this copy of the booth belongs to: named in the address, or two folders above the page. */
export function boxOfThisPage(address = location) {
  const query = new URLSearchParams(address.search)
  const folders = address.pathname.split('/')
  return {
    root: new URL(query.get('box') ?? new URL('../../', address.href), address.href).href.replace(/\/?$/, '/'),
    uuid: query.get('election') ?? decodeURIComponent(folders[folders.length - 2] ?? ''),
  }
}

/** What the box says when it does not take a ballot (RFC 9457). */
export class Problem extends Error {
  constructor({ type = '', title = '', detail = '' }, status) {
    super(detail || title)
    this.kind = type.split(/[/#]/).pop()
    this.title = title
    this.status = status
  }
}

/** No answer came: whether the ballot arrived is not known. */
export class NoAnswer extends Error {}

const OPTIONS = { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' }

async function answerTo(box, path, options = {}) {
  const address = new URL(`elections/${encodeURIComponent(box.uuid)}/${path}`, box.root)
  try {
    const answer = await fetch(address, { ...OPTIONS, ...options })
    if (answer.status < 500) return answer
    throw new Error(`${answer.status}`)
  } catch (failure) {
    throw new NoAnswer(failure.message)
  }
}

async function ask(box, path, options) {
  const answer = await answerTo(box, path, options)
  const words = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Problem(words, answer.status)
  return words
}

const post = (body) => ({ method: 'POST', body, headers: { 'Content-Type': 'application/json' } })

/** The frozen setup. A box may be false while this copy of the booth is not, so it must not smuggle in a script. */
export async function readSetup(box) {
  const setup = await ask(box, 'setup.json')
  if (!/^https?:\/\//.test(setup.pass_url)) throw new Error('pass_url is not the address of a page')
  return setup
}

/**
 * Casts. Sending the same ballot again is safe: it is counted once. Returns `{ tracker, receipt }`, the tracker that the box
 * confirms and its signed promise.
 */
export const sendBallot = (box, ballot, pass) => ask(box, 'ballots', post(JSON.stringify({ ballot, pass })))

/** The frozen setup whole, as every role holds it: four texts. */
export const fetchPackage = (box) => ask(box, 'package.json')

/** The record so far, as bytes. */
export const fetchBoard = async (box) => new Uint8Array(await (await answerTo(box, 'board.bel')).arrayBuffer())

/** How far the trustees are, with what they signed about their shuffles. */
export const fetchCeremony = (box) => ask(box, 'ceremony.json')

/** Brings a trustee's part. Sending the same again is safe. Returns how far the trustees are. */
export const sendContribution = (box, content) => ask(box, 'ceremony', post(content))

/** "counted", "replaced" or "waiting", or null if the box does not know the tracker. */
export async function stateOf(box, tracker) {
  const inAddress = tracker.replaceAll('+', '-').replaceAll('/', '_')
  try {
    return (await ask(box, `trackers/${inAddress}`)).state
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 404) return null
    throw problem
  }
}
