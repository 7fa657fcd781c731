import { GatewayError } from '../errors.js'
import type { Answer, Call } from './calls.js'
import type { Engine } from './engine.js'
import { inTime } from './in-time.js'

export type Verb = (...args: unknown[]) => unknown

/** Builds what asks for the verb of a name. */
type Asking = <Args extends unknown[], T>(verb: string) => (...args: Args) => Promise<T>

/** Asks by `request`, and waits for `timeoutMs` milliseconds at most. */
export const askingInTime =
  (timeoutMs: number, request: (verb: string, args: unknown[]) => Promise<unknown>): Asking =>
  <Args extends unknown[], T>(verb: string) =>
  (...args: Args): Promise<T> =>
    inTime(timeoutMs, request(verb, args)) as Promise<T> // what the verb of this name returns

type Asked = Pick<Engine, 'users' | 'idempotency' | 'throttle' | 'ping'> & {
  revocations: Omit<Engine['revocations'], 'listen' | 'reserve'>
}

/** The verbs of an engine that is somewhere else: each is asked for by its name. */
export const askedVerbs = (call: Asking): Asked => ({
  users: {
    insert: call('users.insert'),
    findByEmail: call('users.findByEmail'),
    findById: call('users.findById'),
    update: call('users.update'),
    changePassword: call('users.changePassword'),
    remove: call('users.remove'),
    list: call('users.list'),
  },
  idempotency: {
    claim: call('idempotency.claim'),
    settle: call('idempotency.settle'),
    release: call('idempotency.release'),
  },
  revocations: {
    issueMs: call('revocations.issueMs'),
    addToken: call('revocations.addToken'),
    raiseUser: call('revocations.raiseUser'),
    read: call('revocations.read'),
  },
  throttle: { count: call('throttle.count') },
  ping: call('ping'),
})

/** The verbs of parts, by the names that `askedVerbs` asks for: `users.insert` is that of `users`. */
export const verbsOf = (parts: Readonly<Record<string, object>>): Map<string, Verb> =>
  new Map(
    Object.entries(parts).flatMap(
      ([part, verbs]) =>
        Object.entries(verbs).map(([name, verb]) => [`${part}.${name}`, verb as Verb]), // whoever asks sends what their interfaces say
    ),
  )

/** Builds what answers calls; of errors that are not ours nothing goes on. */
export const createAnswering =
  (verbs: ReadonlyMap<string, Verb>) =>
  async ({ id, verb, args, untilMs }: Call): Promise<Answer> => {
    const known = verbs.get(verb)
    if (!known || untilMs <= Date.now()) return { id, code: 'store_unavailable' }
    try {
      return { id, value: await known(...args) }
    } catch (error) {
      return { id, code: error instanceof GatewayError ? error.code : 'store_unavailable' }
    }
  }
