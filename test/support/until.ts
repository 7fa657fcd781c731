const LIMIT_MS = 20_000
const PAUSE_MS = 5

/** Resolves as soon as `condition` holds; rejects when it does not come true. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> => {
  const startMs = performance.now()
  while (!(await condition())) {
    if (performance.now() - startMs > LIMIT_MS) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

const STILL_TIMES = 60

/** Resolves when a figure has not moved for 60 looks in a row. */
export const stillness = async (figure: () => number): Promise<void> => {
  let before = figure()
  let times = 0
  await until('nothing moves', () => {
    times = figure() === before ? times + 1 : 0
    before = figure()
    return times >= STILL_TIMES
  })
}
