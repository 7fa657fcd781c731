// What the runners of faults share: how a number is read, and how they end.
import { createProcesses } from './processes.mjs'

/** A number above 0 out of an option. */
export const positive = (text) => {
  const number = Number(text)
  if (number > 0) return number
  throw new Error(`not a number above 0: ${text}`)
}

/** Runs `main` with what starts processes, and exits with what it resolves to; 2 where it rejects. */
export const runToEnd = async (main) => {
  for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
    process.once(signal, () => process.exit(status))
  }
  // Leaving by process.exit ends what still runs, here and where something was thrown.
  process.exit(
    await main(createProcesses()).catch((error) => {
      console.error(error.stack)
      return 2
    }),
  )
}

/** Names out of an option, separated by commas, each of which must be known; all where there is none. */
export const chosen = (known, names) => {
  const wanted = names?.split(',') ?? known
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}`)
  return wanted
}
