import { createGuard } from './admin/guard.js'
import { createUsersApi } from './admin/users-api.js'
import type { Config } from './config.js'
import type { Surroundings } from './http/exchange.js'
import type { Identities } from './identities.js'
import type { State } from './state.js'
import { createListener, type Listener } from './listener.js'
import type { Throttle } from './throttle/throttle.js'
import { createDirectory } from './users/directory.js'

/** The listener for operators; `undefined` where there is no `adminToken`. */
export const createAdminListener = (
  config: Config,
  surroundings: Surroundings,
  { users }: Pick<State, 'users'>,
  { revocations }: Pick<Identities, 'revocations'>,
  throttle: Throttle,
): Listener | undefined => {
  const { adminToken, limits, timeouts, signup } = config
  if (adminToken === undefined) return undefined
  const guard = createGuard(adminToken, (address) => throttle.byAddress('operator', address))
  const directory = createDirectory({
    users,
    reserve: (userId) => revocations.reserve(userId),
    revokeUser: (userId) => revocations.revokeUser(userId),
    clock: surroundings.clock,
    plan: signup.plans[0] as string, // the options have at least one
  })
  const body = { limitBytes: limits.bodyBytes, timeoutMs: timeouts.clientBodyMs }
  return createListener({
    config,
    surroundings,
    routes: createUsersApi({ directory, guard, body }),
    admission: undefined,
    admits: () => true,
    tls: undefined,
  })
}
