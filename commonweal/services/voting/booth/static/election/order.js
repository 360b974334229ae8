// In which order a question's answers are shown. It is never sent: a ballot always holds them in the record's order.
/** Indices of the answers: as in the record or, where the setup says "drawn", in an order drawn for this voter. */
export function orderOf(answers, rule) {
  const order = answers.map((_, index) => index)
  if (rule !== 'drawn') return order
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = below(last + 1)
    ;[order[last], order[other]] = [order[other], order[last]]
  }
  return order
}

/** A uniform number from 0 to limit - 1. */
function below(limit) {
  const range = 2 ** 32
  for (;;) {
    const [drawn] = crypto.getRandomValues(new Uint32Array(1))
    if (drawn < range - (range % limit)) return drawn % limit
  }
}
