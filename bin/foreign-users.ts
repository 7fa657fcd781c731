import type { Json } from './admin-client.js'

/** A row of another system as one to import; or why it is none, and with which field. */
export type Turned =
  | { ok: true; row: Json; names: FieldNames }
  | { ok: false; problem: { field: string; detail: string } }

/** How the fields of a row to import are called in the row that it was turned from. */
export type FieldNames = ReadonlyMap<string, string>

/** Where each part of a user is in the rows of another system. What is not said there is not said. */
interface ForeignRows {
  /** What holds the fields, where it is not the row itself. */
  fieldsIn?: string
  idField: string | ((row: Json) => string)
  id: (row: Json) => unknown
  /** The name of the field with the hash, and what the hash is of its text. */
  hash: { field: string; read?: (text: string) => string }
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
    hash: { field: 'passwordHash' },
    createdAt: 'created_at',
    disabledField: 'blocked',
    disabled: ({ blocked }) => blocked,
  },
  // `dumpdata auth.user --format jsonl`.
  django: {
    fieldsIn: 'fields',
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
  const idField = typeof own.idField === 'string' ? own.idField : own.idField(row)
  try {
    const fields = fieldsIn === undefined ? row : row[fieldsIn]
    if (!isObject(fields)) throw new Misfit(String(fieldsIn), 'must be an object')
    const parts = {
      user_id: idText(idField, id(row)),
      email: orNothing(fields['email']),
      password_hash: orNothing(fields[hash.field]),
      disabled: orNothing(disabled(fields, nowMs)),
      created_at: unixSeconds(createdAt, fields[createdAt]),
    }
    const text = parts.password_hash
    if (hash.read && typeof text === 'string') parts.password_hash = hash.read(text)
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
  const [, date, time, hours, minutes = '00'] = TIME.exec(String(value)) ?? []
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

const bcryptOfDjango = (text: string): string => {
  const [algorithm = ''] = text.split('$', 1)
  if (algorithm === 'bcrypt') return text.slice('bcrypt$'.length)
  const name = /^[a-z0-9_]{1,32}$/.test(algorithm) ? `of ${algorithm}` : 'no usable hash'
  throw new Misfit('password', `is ${name}; only those of bcrypt can be imported`)
}
