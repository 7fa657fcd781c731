import fc from 'fast-check'

/** How far a search goes. */
interface How {
  seed: number
  /** How many inputs are tried. */
  runs: number
  /** Tries on until then, whatever `runs` says. */
  seconds?: number
}

/** Tries many inputs; rejects with the seed and the smallest input for which something does not hold. */
export interface Search {
  name: string
  run(how: How): Promise<void>
}

type Check<T> = (input: T) => string | Promise<string>

/**
 * A search by fast-check. `check` throws where something does not hold, and says which kind of input it
 * was; every one of `kinds` must be met, or the search looks past what it is for.
 */
export const search = <T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  kinds: readonly string[],
  check: Check<T>,
): Search => ({
  name,
  run: async ({ seed, runs, seconds }) => {
    const met = new Set<string>()
    const property = fc.asyncProperty(inputs, async (input) => void met.add(await check(input)))
    await fc.assert(property, {
      seed,
      numRuns: seconds ? Number.MAX_SAFE_INTEGER : runs,
      ...(seconds && { interruptAfterTimeLimit: 1_000 * seconds, markInterruptAsFailure: false }),
    })
    for (const kind of kinds) hold(met.has(kind), `of seed ${seed} no input was ${kind}`)
  },
})

/** @throws Error where it does not hold */
export const hold = (isHeld: boolean, what: string): void => {
  if (!isHeld) throw new Error(what)
}

/** @throws Error where the two differ */
export const same = (found: unknown, expected: unknown, what: string): void => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)]
  hold(one === other, `${what}: ${one}, not ${other}`)
}

/** A text with a few of its characters replaced, left out, doubled or followed by others. */
export const mutated = (
  text: fc.Arbitrary<string>,
  unit: fc.Arbitrary<string>,
): fc.Arbitrary<{ original: string; text: string }> => {
  const change = fc.record({
    at: fc.nat(),
    left: fc.integer({ min: 0, max: 3 }),
    put: fc.array(unit, { maxLength: 3 }).map((units) => units.join('')),
  })
  return fc
    .tuple(text, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([original, changes]) => ({
      original,
      text: changes.reduce((now, { at, left, put }) => {
        const from = at % (now.length + 1)
        return now.slice(0, from) + put + now.slice(from + left)
      }, original),
    }))
}
