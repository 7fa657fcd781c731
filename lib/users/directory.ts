import { createImporter, type Importer, type ImporterOptions } from './importer.js'
import { normaliseEmail } from './profile.js'
import type { User, UserChanges, UserStore } from './user-store.js'

/** The users, for operators. */
export interface Directory {
  list: UserStore['list']
  findById(id: string): Promise<User | undefined>
  /** The e-mail may be spelt as in a signup. */
  findByEmail(email: string): Promise<User | undefined>
  /**
   * Changes the user, and gives him as he is then; `undefined` when there is none. Who is disabled has
   * all his tokens revoked, also when he was disabled before; who is enabled again gets none back.
   */
  change(id: string, changes: UserChanges): Promise<User | undefined>
  /** Removes the user and revokes all his tokens; whether there was one. */
  remove(id: string): Promise<boolean>
  importUsers: Importer
}

export const createDirectory = (options: ImporterOptions): Directory => {
  const { users, revokeUser } = options

  const change = async (id: string, changes: UserChanges): Promise<User | undefined> => {
    // First the store, then the tokens: a login that has not seen the change yet gets a token of
    // before the revocation.
    const user = await users.update(id, changes)
    if (user && changes.isDisabled) await revokeUser(id)
    return user
  }

  return {
    list: (cursor, limit) => users.list(cursor, limit),
    findById: (id) => users.findById(id),
    findByEmail: async (email) => {
      const normalised = normaliseEmail(email)
      return normalised === undefined ? undefined : users.findByEmail(normalised)
    },
    change,

    remove: async (id) => {
      // Disabled first: where revoking fails he is still there, and can be removed again.
      if (!(await change(id, { isDisabled: true }))) return false
      await users.remove(id)
      // He may have been enabled in between, and have logged in.
      await revokeUser(id)
      return true
    },

    importUsers: createImporter(options),
  }
}
