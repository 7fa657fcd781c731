import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** `dns.lookup`, or what a program uses in its place. */
export type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * A look-up for the connections to one name. Each new connection looks the name up anew, those that
 * wait at the same time together, and begins with the next of its addresses, so that all are
 * used; node goes on to the others when one cannot be reached. When the name cannot be resolved, or too
 * many wait until it is, the last known addresses serve.
 */
export const createLookup = (resolve: Resolve): LookupFunction => {
  let known: LookupAddress[] = []
  let turn = 0
  let waiting: Array<(error: NodeJS.ErrnoException | null) => void> | undefined

  const refresh = (hostname: string, done: (error: NodeJS.ErrnoException | null) => void): void => {
    if (waiting && waiting.length >= LIMIT_WAITING) return done(notFound(hostname))
    if (waiting) return void waiting.push(done)
    const all = [done]
    waiting = all
    const finish = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]): void => {
      if (waiting !== all) return // it has answered before
      if (!error && addresses.length > 0) known = addresses
      waiting = undefined
      for (const one of all) one(error)
    }
    try {
      resolve(hostname, { all: true }, finish)
    } catch {
      finish(notFound(hostname), [])
    }
  }

  return (hostname, options, callback) =>
    refresh(hostname, (error) => {
      if (known.length === 0) return callback(error ?? notFound(hostname), '', 0)
      const family = Number(options.family ?? 0)
      const fitting = known.filter((one) => family === 0 || one.family === family)
      const from = turn++ % Math.max(fitting.length, 1)
      const rotated = [...fitting.slice(from), ...fitting.slice(0, from)]
      const [first] = rotated
      if (!first) callback(notFound(hostname), '', 0)
      else if (options.all) callback(null, rotated)
      else callback(null, first.address, first.family)
    })
}

// More than a target takes at once by default: those who gave up wait too, as long as nothing answers.
const LIMIT_WAITING = 10_000

const notFound = (hostname: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' })
