// Says in the page that a passkey did not work; without this, the failure shows only in the browser's console.
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const problem = document.getElementById('passkey-problem')
  document.getElementById('main-content').prepend(problem)
  problem.hidden = false
  problem.focus()
})

// A press before the scripts are here would be lost, so the buttons wait. Without scripts they stay as they are.
document.addEventListener('DOMContentLoaded', () => {
  document.querySelectorAll('[data-passkey]').forEach((button) => { button.disabled = false })
})
