// The processes of one scenario: services, what is measured in front of them, and clients.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SECRET, startGateway } from '../faults/gateway.mjs'
import { startTarget } from '../faults/targets.mjs'
import { createUsers } from '../faults/users.mjs'
import { startHaproxy } from './haproxy.mjs'

const fileOf = (name) => fileURLToPath(new URL(`./${name}`, import.meta.url))
const USERS = 10

/** Who asks steadily while others misbehave: nobody else has this address, nor this user's token. */
const STEADY = { localAddress: '127.0.0.2', ratePerSecond: 100, warmSeconds: 2 }

/** `subject` is `gateway` or `haproxy`; `name` is for files. */
export const createScene = (processes, subject, name) => {
  const ends = []
  const [other, ...users] = createUsers(SECRET, USERS + 1)

  const startTargetOf = async (program) => {
    const target = await startTarget(processes, `${name}-target-${ends.length}`, program)
    ends.push(() => target.kill())
    return target
  }

  const startClient = async (role, options) => {
    const child = processes.fork(fileOf('client.mjs'))
    child.send({ role, options })
    ends.push(() => child.kill('SIGKILL'))
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`the client ${role} ended with ${code}`)
    })
    failed.catch(() => {})
    const told = () => Promise.race([once(child, 'message'), failed])
    await told()
    return {
      /** Its figures, once it has ended what it does. */
      finish: async () => {
        const figures = told()
        child.send('finish')
        const [value] = await figures
        child.kill('SIGKILL')
        return value
      },
    }
  }

  return {
    subject,
    users,
    startService: () => startTargetOf(fileOf('service.mjs')),
    /** One of the fault runs, which writes down what it gets, and can be told to misbehave. */
    startTarget: () => startTargetOf(),
    /** Starts what is measured in front of the `services`; `routes` are `{ path, upstream }`. */
    startSubject: async (services, { routes = [] } = {}) => {
      const targets = services.map(({ url }) => url)
      const flags = routes.length > 0 ? ['--routes', JSON.stringify(routes)] : []
      const running =
        subject === 'gateway'
          ? { softStop: 'SIGTERM', ...(await startGateway(processes, { name, targets, flags })) }
          : await startHaproxy(processes, { name, targets, routes })
      ends.unshift(() => running.stop())
      return running
    },
    startClient,
    startSteady: ({ port }, options = {}) =>
      startClient('steady', {
        port,
        path: '/v1/proxy/quick',
        token: other.token,
        ...STEADY,
        ...options,
      }),
    /** Ends all of it. */
    close: async () => {
      for (const end of ends) await end()
    },
  }
}
