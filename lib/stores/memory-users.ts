import { GatewayError } from '../errors.js'
import type { User, UserStore } from '../users/user-store.js'
import { NumberIndex } from './number-index.js'
import { PackedTexts } from './packed-texts.js'

export interface MemoryUsersOptions {
  /** How many users there is room for. */
  limitUsers: number
}

/**
 * Users outside of the heap, so that a million of them cost a garbage collection nothing: gone when the
 * process ends. They are listed in the order in which they came.
 */
export const createMemoryUsers = ({ limitUsers }: MemoryUsersOptions): UserStore => {
  const rows = new PackedTexts()
  const read = (number: number): User => fromRow(rows.get(number) as string) // of those that have one
  const numbersById = new NumberIndex({ textOf: (number) => read(number).id })
  const numbersByEmail = new NumberIndex({ textOf: (number) => read(number).email })
  let count = 0
  let lastNumber = 0

  const find = (index: NumberIndex, text: string): User | undefined => {
    const number = index.find(text)
    return number === undefined ? undefined : read(number)
  }

  const change = (id: string, changes: Partial<User>): User | undefined => {
    const number = numbersById.find(id)
    if (number === undefined) return undefined
    const user = { ...read(number), ...changes }
    rows.set(number, toRow(user))
    return user
  }

  return {
    insert: async (user) => {
      if (numbersByEmail.find(user.email) ?? numbersById.find(user.id)) return false // they are from 1 on
      if (count >= limitUsers) throw new GatewayError('overloaded')
      rows.set(++lastNumber, toRow(user))
      numbersById.add(user.id, lastNumber)
      numbersByEmail.add(user.email, lastNumber)
      count++
      return true
    },
    findByEmail: async (email) => find(numbersByEmail, email),
    findById: async (id) => find(numbersById, id),
    update: async (id, changes) => change(id, changes),

    changePassword: async (id, fromHash, toHash) =>
      find(numbersById, id)?.passwordHash === fromHash &&
      change(id, { passwordHash: toHash }) !== undefined,

    remove: async (id) => {
      const number = numbersById.find(id)
      if (number === undefined) return false
      numbersByEmail.remove(read(number).email)
      numbersById.remove(id)
      rows.delete(number)
      count--
      return true
    },

    list: async (cursor = '0', limit) => {
      if (!/^\d{1,15}$/.test(cursor)) return undefined
      const users: User[] = []
      let next = ''
      // From the begin each time: a look at a million numbers takes some milliseconds.
      for (const number of rows.numbers()) {
        if (number <= Number(cursor)) continue
        if (users.length === limit) return { users, next }
        users.push(read(number))
        next = String(number)
      }
      return { users, next: undefined }
    },
  }
}

/** Its values alone: their names would be a third of it. Half a surrogate pair is escaped by JSON. */
const toRow = (user: User): string =>
  JSON.stringify([
    user.id,
    user.email,
    user.passwordHash,
    user.subscription,
    user.country,
    user.platform,
    user.isDisabled,
    user.createdAtSeconds,
  ] satisfies Row)

const fromRow = (row: string): User => {
  const [id, email, passwordHash, subscription, country, platform, isDisabled, createdAtSeconds] =
    JSON.parse(row) as Row
  return {
    id,
    email,
    passwordHash,
    subscription,
    country,
    platform,
    isDisabled,
    createdAtSeconds,
  }
}

type Row = [string, string, string, string, string, string, boolean, number]
