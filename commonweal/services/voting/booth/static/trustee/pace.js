// Long work, one small step after the other, so that the page hears keys and shows how far it is.
const SLICE = 20 // steps between two pauses; one takes up to 5 ms

/**
 * A function that maps items as `Array.map` does, with a pause after every few of the `all` steps that the whole work
 * takes. `told` hears how many are done, and of how many; the work goes on when its promise resolves.
 */
export function paced(all, told) {
  let done = 0
  return async (items, work) => {
    const made = []
    for (const [index, item] of items.entries()) {
      made.push(work(item, index))
      done += 1
      if (done % SLICE === 0) await told(done, all)
    }
    return made
  }
}

/** Lets the page live for a moment. Where only a timer can, the work waits in a page that nobody looks at. */
export const pause = () => globalThis.scheduler?.yield?.() ?? new Promise((resume) => setTimeout(resume))
