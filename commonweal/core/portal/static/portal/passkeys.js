// Says in the page that a passkey did not work; without this, the failure shows only in the browser's console.
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const problem = document.getElementById('passkey-problem')
  document.getElementById('main-content').prepend(problem)
  problem.hidden = false
  problem.focus()
})
