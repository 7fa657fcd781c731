import { GatewayError } from '../../lib/errors.js'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import { createDirectory, type Directory } from '../../lib/users/directory.js'
import type { ImportRow } from '../../lib/users/importer.js'
import type { UserStore } from '../../lib/users/user-store.js'
import { createManualClock } from './manual-clock.js'
import { HASH } from './operator.js'

/** A row that can be imported. */
export const ADA_ROW = { email: 'ada@example.com', password_hash: HASH, user_id: 'ada' }

export interface DirectoryScene {
  store: UserStore
  directory: Directory
  /** What was done, in order. */
  calls: string[]
  /** Whether there is room for revocations. */
  state: { hasRoom: boolean }
  importFields: (...rows: object[]) => ReturnType<Directory['importUsers']>
}

/** A directory over users in memory, whose revocations are only noted. */
export const createDirectoryScene = ({ limitUsers = 10_000 } = {}): DirectoryScene => {
  const store = createMemoryUsers({ limitUsers })
  const calls: string[] = []
  const state = { hasRoom: true }
  const noted =
    <A extends unknown[], R>(name: string, method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const result = await method(...args)
      calls.push(name)
      return result
    }
  const directory = createDirectory({
    users: {
      ...store,
      update: noted('update', (id, changes) => store.update(id, changes)),
      remove: noted('remove', (id) => store.remove(id)),
    },
    reserve: async () => {
      if (!state.hasRoom) throw new GatewayError('overloaded')
    },
    revokeUser: async (id) => {
      if (!state.hasRoom) throw new GatewayError('overloaded')
      calls.push(`revoke ${id}`)
    },
    clock: createManualClock(),
    plan: 'basic',
  })
  const importFields = (...rows: object[]) =>
    directory.importUsers(rowsOf(rows.map((fields, i) => ({ line: i + 1, fields }))))
  return { store, calls, state, directory, importFields }
}

/** Rows as they come from a body. */
export async function* rowsOf(
  rows: Array<{ line: number; fields?: object; problem?: string }>,
): AsyncGenerator<ImportRow> {
  for (const { line, fields, problem = '' } of rows)
    yield fields ? { line, fields: new Map(Object.entries(fields)) } : { line, problem }
}
