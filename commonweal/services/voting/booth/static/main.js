// One page with two uses: voters vote, and on a second device they check an opened ballot. The address says which.
const USES = { check: () => import('./check.js') }
const vote = () => import('./booth.js')
const asked = new URLSearchParams(location.search).get('page')

;(USES[asked] ?? vote)()
