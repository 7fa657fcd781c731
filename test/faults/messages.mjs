// What both ends agree on, so that each can tell a right message from a wrong one by itself: the
// number of a request decides what it carries, how long the service takes, and what it answers.

/** The bodies of both sides are at least this many bytes long. */
const LEAST_BYTES = 100

const REQUEST_BYTES = 1_024

/** The number that an id ends with. */
export const numberOf = (id) => Number(id.slice(id.lastIndexOf('-') + 1))

/** Four of five are GET, half of the POSTs have an Idempotency-Key. */
export const kindOf = (number) => {
  if (number % 5 !== 4) return 'get'
  return number % 10 === 9 ? 'keyed' : 'post'
}

export const requestBody = (id) => `${`${id} `.padEnd(REQUEST_BYTES - id.length, '.')}${id}`

/** The whole of an answer: its id, its user, and an end that a short one has not. */
export const answerBody = (id, user) =>
  `${`${id} ${user} `.padEnd(LEAST_BYTES + ((numberOf(id) * 37) % 1_500), '.')}end`

/** How long the service works at a request, in milliseconds: 0 to 20. */
export const workMsOf = (id) => (numberOf(id) * 7_919) % 21
