/** What is called of `DatabaseSync` of `node:sqlite`, and of `Database` of `libsql`. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
  close(): unknown
}

type SqliteValue = string | number | null | Uint8Array
export type SqliteRow = Record<string, unknown>

interface SqliteStatement {
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
  run(...values: SqliteValue[]): { changes: number | bigint }
}

/** An open database whose statements are prepared once. */
export interface SqliteHandle {
  exec(sql: string): void
  get(sql: string, ...values: SqliteValue[]): SqliteRow | undefined
  all(sql: string, ...values: SqliteValue[]): SqliteRow[]
  /** How many rows were changed. */
  run(sql: string, ...values: SqliteValue[]): number
}

export const createSqliteHandle = (database: SqliteDatabase): SqliteHandle => {
  // As many as there are texts of statements in the code.
  const statements = new Map<string, SqliteStatement>()
  const prepared = (sql: string): SqliteStatement => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  return {
    exec: (sql) => void database.exec(sql),
    get: (sql, ...values) => prepared(sql).get(...values) as SqliteRow | undefined,
    all: (sql, ...values) => prepared(sql).all(...values) as SqliteRow[],
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
  }
}

/** The primary result code of SQLite in what either driver throws; `undefined` for any other error. */
export const sqliteCode = (error: unknown): number | undefined => {
  const { errcode, rawCode } = Object(error) as { errcode?: unknown; rawCode?: unknown }
  const code = errcode ?? rawCode
  return typeof code === 'number' ? code & 0xff : undefined
}

export const SQLITE = { busy: 5, full: 13, noDatabase: 26 } as const
