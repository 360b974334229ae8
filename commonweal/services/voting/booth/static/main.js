// One page with three uses: voters vote, on a second device they check an opened ballot, trustees make keys and
// decrypt. The address says which: `?page=`, or the folder.
const USES = { check: () => import('./check.js'), trustee: () => import('./trustee/trustee.js') }
const vote = () => import('./booth.js')
const folder = location.pathname.split('/').at(-3)
const asked = new URLSearchParams(location.search).get('page') ?? folder

;(USES[asked] ?? vote)()
