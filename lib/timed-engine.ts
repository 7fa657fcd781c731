import type { Engine } from './stores/engine.js'

/** Is told of each operation of a store: of which part, which one, how long it took, and whether it failed. */
export type OnOperation = (part: string, operation: string, ms: number, isFailed: boolean) => void

/** The same engine, whose operations are timed by `nowMs`. */
export const timedEngine = (
  engine: Engine,
  nowMs: () => number,
  onOperation: OnOperation,
): Engine => {
  const timed = <T extends object>(name: string, part: T): T =>
    new Proxy(part, {
      get: (_, key) => {
        const value: unknown = Reflect.get(part, key, part)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown => {
          const startMs = nowMs()
          const result: unknown = Reflect.apply(value, part, args)
          if (!(result instanceof Promise)) return result
          const tell = (isFailed: boolean): void =>
            onOperation(name, String(key), nowMs() - startMs, isFailed)
          result.then(
            () => tell(false),
            () => tell(true),
          )
          return result
        }
      },
    })
  return {
    name: engine.name,
    users: timed('users', engine.users),
    idempotency: timed('idempotency', engine.idempotency),
    revocations: timed('revocations', engine.revocations),
    throttle: timed('throttle', engine.throttle),
    open: () => engine.open(),
    pending: () => engine.pending(),
    ping: () => engine.ping(),
    close: () => engine.close(),
  }
}
