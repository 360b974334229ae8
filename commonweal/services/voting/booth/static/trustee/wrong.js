/** What a trustee was given is not `wanted`; the page says so in the trustee's language. */
export class Wrong extends Error {
  constructor(wanted) {
    super(`not ${wanted}`)
  }
}
