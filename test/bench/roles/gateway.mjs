// The gateway as it is built, with all that it does as the command runs it: its metrics, the listener
// for operators, and its log, whose lines are made and written to nowhere.
import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { createGateway, createLog } from '../../../dist/lib/index.js'
import '../../support/typescript.mjs'
import { SECRET } from '../tokens.mjs'

// Only the command has it, and its code is bundled.
const { createLogOutput } = await import('../../../bin/log-output.js')

// Connections are kept however long the others on this machine keep the gateway waiting.
const UNHURRIED = { loopDelayHardMs: 600_000 }
// All of it comes from one address. It is counted all the same.
const UNTHROTTLED = { addressAttempts: 1e9, accountAttempts: 1e9 }
// Where a store is measured, bcrypt is not.
const CHEAP = {
  hash: async (password) => `$2b$10$${Buffer.from(password).toString('hex').padEnd(53, '.')}`,
  compare: async (password, hash) => hash === (await CHEAP.hash(password)),
}

export const start = async ({ upstream, store, ephemeralStore, options }) => {
  const output = createLogOutput({ fd: openSync(devNull, 'w'), onDropped: () => {} })
  const log = createLog({ write: output.write })
  const gateway = createGateway(
    {
      jwtSecret: SECRET,
      upstream,
      admin: { port: 0 },
      throttle: UNTHROTTLED,
      overload: UNHURRIED,
      ...(store && { store }),
      ...(ephemeralStore && { ephemeralStore }),
      ...options,
    },
    { log, ...(store && { passwordHasher: CHEAP }) },
  )
  const { port, admin } = await gateway.listen(0)
  return { port, adminPort: admin.port }
}
