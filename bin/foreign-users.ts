import type { Json } from './admin-client.js'

/** A row of another system as one to import; or why it is none, and with which field; or why it is left out. */
export type Turned =
  | { ok: true; row: Json; names: FieldNames }
  | { ok: false; problem: { field: string; detail: string } }
  | { ok: false; skip: string }

/** How the fields of a row to import are called in the row that it was turned from. */
export type FieldNames = ReadonlyMap<string, string>

/** Where each part of a user is in the rows of another system. What is not said there is not said. */
interface ForeignRows {
  /** What holds the fields, where it is not the row itself. */
  fieldsIn?: string
  idField: string | ((row: Json) => string)
  id: (row: Json) => unknown
  /** The field with the hash, whether a row may do without it, and what the hash is of its text. */
  hash: { field: string; isOptional?: boolean; read?: (text: string) => string | undefined }
  /** Whether it is a row of a user at all. */
  isUser?: (row: Json) => boolean
  createdAt: string
  disabledField: string
  /** Whether the user is locked out, as of `nowMs`. */
  disabled: (fields: Json, nowMs: number) => unknown
}

const SYSTEMS = {
  // `auth.users`, a JSON object a row.
  supabase: {
    idField: 'id',
    id: ({ id }) => id,
    hash: { field: 'encrypted_password' },
    createdAt: 'created_at',
    disabledField: 'banned_until',
    disabled: (fields, nowMs) => isBanned(fields['banned_until'], nowMs) || isDeleted(fields),
  },
  // Its export of password hashes, which has the id alone; other exports have the connection before it.
  auth0: {
    idField: ({ user_id: userId }) => (userId === undefined ? '_id' : 'user_id'),
    id: ({ _id: id, user_id: userId }) =>
      isObject(id)
        ? id['$oid']
        : typeof userId === 'string'
          ? userId.replace(/^auth0\|/, '')
          : userId,
    hash: { field: 'passwordHash', isOptional: true },
    createdAt: 'created_at',
    disabledField: 'blocked',
    disabled: ({ blocked }) => blocked,
  },
  // `dumpdata auth.user --format jsonl`.
  django: {
    fieldsIn: 'fields',
    isUser: ({ model, fields }) =>
      typeof model !== 'string' ||
      /user$/i.test(model) ||
      (isObject(fields) && 'password' in fields),
    idField: 'pk',
    id: ({ pk }) => pk,
    hash: { field: 'password', read: (text) => bcryptOfDjango(text) },
    createdAt: 'date_joined',
    disabledField: 'is_active',
    disabled: ({ is_active: isActive }) => (typeof isActive === 'boolean' ? !isActive : isActive),
  },
  // `users`, a JSON object a row.
  laravel: {
    idField: 'id',
    id: ({ id }) => id,
    hash: { field: 'password' },
    createdAt: 'created_at',
    disabledField: 'deleted_at',
    disabled: (fields) => isDeleted(fields),
  },
} as const satisfies Record<string, ForeignRows>

/** A system whose users can be imported. */
export type ForeignSystem = keyof typeof SYSTEMS

export const FOREIGN_SYSTEMS = Object.keys(SYSTEMS)

export const isForeignSystem = (name: string): name is ForeignSystem => Object.hasOwn(SYSTEMS, name)

/** Turns a row of another system into one to import; what that must be, the gateway checks. */
export const turnForeignRow = (system: ForeignSystem, row: Json, nowMs: number): Turned => {
  const { fieldsIn, id, hash, createdAt, disabled, ...own }: ForeignRows = SYSTEMS[system]
  if (own.isUser && !own.isUser(row)) return { ok: false, skip: NO_USER }
  const idField = typeof own.idField === 'string' ? own.idField : own.idField(row)
  try {
    const fields = fieldsIn === undefined ? row : row[fieldsIn]
    if (!isObject(fields)) throw new Misfit(String(fieldsIn), 'must be an object')
    const given = fields[hash.field]
    if (given === undefined && !hash.isOptional) throw new Misfit(hash.field, 'is required')
    const text = orNothing(given)
    const passwordHash = hash.read && typeof text === 'string' ? hash.read(text) : text
    if (passwordHash === undefined) return { ok: false, skip: NO_PASSWORD }
    const parts = {
      user_id: idText(idField, id(row)),
      email: orNothing(fields['email']),
      password_hash: passwordHash,
      disabled: orNothing(disabled(fields, nowMs)),
      created_at: unixSeconds(createdAt, fields[createdAt]),
    }
    const names = new Map([
      ['user_id', idField],
      ['password_hash', hash.field],
      ['disabled', own.disabledField],
      ['created_at', createdAt],
    ])
    return { ok: true, row: parts, names }
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    const { field, message: detail } = error
    return { ok: false, problem: { field, detail } }
  }
}

const NO_PASSWORD = 'have no password there, as users of OAuth and deleted ones have none'
const NO_USER = 'are of another model than users'

/** A field that cannot be turned. */
class Misfit extends Error {
  readonly field: string

  constructor(field: string, detail: string) {
    super(detail)
    this.field = field
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

// Other systems have `null`, or an empty text, where there is nothing.
const orNothing = (value: unknown): unknown => (value === null || value === '' ? undefined : value)

const idText = (field: string, value: unknown): string => {
  if (typeof value === 'string' && value !== '') return value
  // A greater number is not any more the one that stood in the file.
  if (Number.isSafeInteger(value)) return String(value)
  throw new Misfit(field, 'is missing, or neither text nor a whole number below 2^53')
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-]\d\d)(?::?(\d\d))?)?$/

/** The moment that a database writes so, in milliseconds; in UTC where it names no zone. */
const unixMs = (field: string, value: unknown): number => {
  // Not String(value), which throws for an object with a `toString` of its own.
  const text = typeof value === 'string' ? value : ''
  const [, date, time, hours, minutes = '00'] = TIME.exec(text) ?? []
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`
  const ms = Date.parse(`${date}T${time}${zone}`)
  if (Number.isNaN(ms)) throw new Misfit(field, 'must be a date and a time as ISO 8601 has them')
  return ms
}

/** What a row says of a moment; nothing for the zero of MySQL, and without the wrapping of MongoDB. */
const dateOrNothing = (value: unknown): unknown => {
  const date = isObject(value) && '$date' in value ? value['$date'] : value
  return typeof date === 'string' && date.startsWith('0000-00-00') ? undefined : orNothing(date)
}

const unixSeconds = (field: string, value: unknown): number | undefined => {
  const date = dateOrNothing(value)
  return date === undefined ? undefined : unixMs(field, date) / 1000
}

const isBanned = (until: unknown, nowMs: number): boolean =>
  orNothing(until) !== undefined && (until === 'infinity' || unixMs('banned_until', until) > nowMs)

const isDeleted = ({ deleted_at: at }: Json): boolean => dateOrNothing(at) !== undefined

/** The hash; nothing where there is no password that could be used. */
const bcryptOfDjango = (text: string): string | undefined => {
  if (text.startsWith('!')) return undefined
  const [algorithm = '', rest] = text.split('$', 2)
  if (algorithm === 'bcrypt') return text.slice('bcrypt$'.length)
  // What has no second part may be the hash itself, or even the password.
  const name =
    rest !== undefined && /^[a-z0-9_]{1,32}$/.test(algorithm) ? `of ${algorithm}` : 'no usable hash'
  throw new Misfit('password', `is ${name}; only those of bcrypt can be imported`)
}
