import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

export const secretOf = (kid: string): string => kid.repeat(32).slice(0, 32)

/** An entry of a ring. */
export const entry = (kid: string, more = {}): { kid: string; secret: string } => ({
  kid,
  secret: secretOf(kid),
  ...more,
})

export interface SecretsFile {
  path: string
  /** Replaces the file at one stroke; what is neither text nor bytes is put as JSON. */
  put: (content: unknown) => void
  remove: () => void
}

/** A file that comes and goes with a test. */
export const startFile = (t: Test): SecretsFile => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'secrets.json')
  return {
    path,
    put: (content) => {
      const isReady = typeof content === 'string' || Buffer.isBuffer(content)
      writeFileSync(`${path}.new`, isReady ? content : JSON.stringify(content))
      renameSync(`${path}.new`, path)
    },
    remove: () => rmSync(path),
  }
}
