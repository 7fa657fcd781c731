// SECURITY.md names what can grow, and the tests that look at what it promises: all of it is there.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { DEFAULTS } from '../lib/defaults.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

const security = read('SECURITY.md')
const growing = security.split('\n## What can grow\n')[1]?.split('\n## ')[0] ?? ''

t.test('each test that it names is there', (t) => {
  const named = [...security.matchAll(/`([\w/-]+)`: (.+?)(?=; `[\w/-]+`: | \|$)/gm)]
  t.ok(named.length > 70, `${named.length} are named`)
  for (const [, file = '', name = ''] of named) {
    const source = read(`test/${file}.test.ts`)
    t.ok(source.includes(`'${name}'`), `${file}: ${name}`)
  }
  t.end()
})

t.test('each row of what can grow has a bound, and a test that fills it', (t) => {
  const rows = growing.split('\n').filter((line) => /^\| (?!what, where|---)/.test(line))
  t.ok(rows.length > 45, `${rows.length} rows`)
  for (const row of rows) t.match(row, /^\| [^|]+ \| [^|]+ \| [^|]*\| `[\w/-]+`: [^|]+ \|$/)
  t.end()
})

t.test('each limit is there with its default', (t) => {
  for (const [name, value] of Object.entries(DEFAULTS.limits)) {
    const text = name === 'idempotencyBytes' ? '64 MiB' : String(value)
    t.ok(growing.includes(`\`limits.${name}\` ${text}`), `limits.${name} ${text}`)
  }
  t.end()
})

t.test('each map and set that begins empty is there by its file', (t) => {
  const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .map((file) => `lib/${file}`)
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /new (Map|Set)(<.*>)?\(\)/.test(read(file)))
  t.ok(files.length > 15, `${files.length} files`)
  for (const file of files) t.ok(growing.includes(`\`${file}\``), file)
  t.end()
})
