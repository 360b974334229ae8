// A ballot that the box did not take: back to where it can be mended.
const KNOWN = { 'not-open': 'closed', pass: 'pass', 'pass-bound': 'bound', 'credential-unknown': 'credential' }

/** Shows what the box said, in the voter's language where the reason is known. */
export function refusal(booth, problem) {
  const known = KNOWN[problem.kind]
  const text = known ? booth.t(`refused.${known}`) : booth.t('refused.other', { detail: problem.message })
  booth.sealed = null
  booth.kept.begin()
  if (known !== 'credential' && known !== 'bound') return booth.redraw([{ text }])
  booth.code = null
  return booth.go('credential', { errors: [{ field: 'credential', text }] })
}
