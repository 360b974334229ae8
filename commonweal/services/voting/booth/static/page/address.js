// Where another use of this page is: the same copy, box, election and language.
/** The address of a use of the page, `check` for the second device; what stands behind # is left away. */
export function pageFor(use) {
  const address = new URL(location.href.split('#')[0])
  address.searchParams.set('page', use)
  return address.href
}
