/** The cost of new hashes: 2 to the power of this many rounds. */
export const BCRYPT_COST = 10

/**
 * The cost of a hash that the bcrypt package compares with a password; `undefined` for any other text,
 * which it says no to at once.
 */
export const costOf = (hash: string): number | undefined => {
  const cost = HASH.exec(hash)?.[1]
  return cost === undefined ? undefined : Number(cost)
}

// It knows neither `$2y$`, which is PHP's name of `$2b$`, nor a cost of 31.
const HASH = /^\$2[ab]\$(0[4-9]|[12]\d|30)\$[./A-Za-z0-9]{53}$/
