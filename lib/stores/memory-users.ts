import { GatewayError } from '../errors.js'
import type { User, UserStore } from '../users/user-store.js'

export interface MemoryUsersOptions {
  /** How many users there is room for. */
  limitUsers: number
}

/** Users in two `Map`s: gone when the process ends. They are listed in the order in which they came. */
export const createMemoryUsers = ({ limitUsers }: MemoryUsersOptions): UserStore => {
  const byId = new Map<string, Row>()
  const byEmail = new Map<string, Row>()
  let lastNumber = 0

  const put = (row: Row): User => {
    byId.set(row.user.id, row)
    byEmail.set(row.user.email, row)
    return row.user
  }

  return {
    insert: async (user) => {
      if (byEmail.has(user.email) || byId.has(user.id)) return false
      if (byEmail.size >= limitUsers) throw new GatewayError('overloaded')
      put({ user, number: ++lastNumber })
      return true
    },
    findByEmail: async (email) => byEmail.get(email)?.user,
    findById: async (id) => byId.get(id)?.user,

    update: async (id, changes) => {
      const row = byId.get(id)
      return row && put({ ...row, user: { ...row.user, ...changes } })
    },

    changePassword: async (id, fromHash, toHash) => {
      const row = byId.get(id)
      if (row?.user.passwordHash !== fromHash) return false
      put({ ...row, user: { ...row.user, passwordHash: toHash } })
      return true
    },

    remove: async (id) => {
      const row = byId.get(id)
      if (!row) return false
      byId.delete(id)
      return byEmail.delete(row.user.email)
    },

    list: async (cursor = '0', limit) => {
      if (!/^\d{1,15}$/.test(cursor)) return undefined
      const users: User[] = []
      let next = ''
      // From the begin each time: a look at a million users takes some milliseconds.
      for (const { user, number } of byId.values()) {
        if (number <= Number(cursor)) continue
        if (users.length === limit) return { users, next }
        users.push(user)
        next = String(number)
      }
      return { users, next: undefined }
    },
  }
}

interface Row {
  user: User
  /** In the order in which they came. */
  number: number
}
