// One page with three uses: voters vote, on a second device they check an opened ballot, trustees make keys and
// decrypt. The address says which: `?page=`, or the folder that the ballot server keeps for trustees.
const vote = () => import('./booth.js')
const check = () => import('./check.js')
const trustee = () => import('./trustee/trustee.js')

const isForTrustees = location.pathname.split('/').at(-3) === 'trustee'
const asked = new URLSearchParams(location.search).get('page') ?? (isForTrustees ? 'trustee' : 'vote')
const use = { __proto__: null, check, trustee }[asked] ?? vote

use()
