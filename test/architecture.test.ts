// Who may import whom, and how long a file may be.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { COMPOSITION, FOUNDATION, PACKAGES, TABLE } from './support/house.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LIMIT_LINES = 220

interface Source {
  /** Its path without the ending, from the root. */
  name: string
  text: string
  imports: string[]
}

const filesUnder = (folder: string, endings = /\.(ts|mjs)$/): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => endings.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file))

const readSource = (file: string): Source => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const specifiers = [...text.matchAll(/^(?:import|export)[^']*?from '([^']+)'/gm)]
  const imports = specifiers.map(([, specifier = '']) =>
    specifier.startsWith('.')
      ? normalize(join(dirname(file), specifier)).replace(/\.js$/, '')
      : specifier,
  )
  return { name: relative('.', file).replace(/\.ts$/, ''), text, imports }
}

const sources = [...filesUnder('lib'), ...filesUnder('bin')].map(readSource)
const isOurs = (specifier: string): boolean => /^(lib|bin|test)\//.test(specifier)

t.test('imports point down the table, and neighbours never import each other', (t) => {
  t.ok(sources.length > 50, 'all of it is seen')
  for (const { name, imports } of sources) {
    const room = Object.keys(TABLE).find((room) => name.startsWith(room))
    if (FOUNDATION.includes(name)) {
      t.ok(
        imports.filter(isOurs).every((one) => FOUNDATION.includes(one)),
        name,
      )
    } else if (room) {
      const allowed = [...FOUNDATION, ...(TABLE[room] ?? [])]
      const isAllowed = (one: string): boolean =>
        allowed.some((entry) => (entry.endsWith('/') ? one.startsWith(entry) : one === entry))
      t.same(
        imports.filter((one) => isOurs(one) && !isAllowed(one)),
        [],
        name,
      )
    } else t.ok(name === 'lib/index' || COMPOSITION.includes(name), `${name} has a place`)
  }
  t.end()
})

t.test('no file imports itself by a detour', (t) => {
  const importsOf = new Map(sources.map(({ name, imports }) => [name, imports.filter(isOurs)]))
  const reach = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    for (const next of importsOf.get(name) ?? []) {
      const circle = reach(next, [...path, name])
      if (circle) return circle
    }
    return undefined
  }
  for (const { name } of sources) t.equal(reach(name, []), undefined, name)
  t.end()
})

t.test('packages are imported where they belong', (t) => {
  for (const { name, imports } of sources)
    for (const one of imports) {
      if (isOurs(one)) continue
      t.ok(one.startsWith('node:') || PACKAGES[one]?.includes(name), `${name} imports ${one}`)
    }
  t.end()
})

t.test('only the worker of SQLite loads a package by its name', (t) => {
  const loading = sources.filter(({ text }) => /\bimport\(/.test(text)).map(({ name }) => name)
  t.same(
    loading.filter((name) => name.startsWith('lib/')),
    ['lib/stores/sqlite-worker'],
  )
  t.end()
})

t.test('what services import needs nothing but itself and node:crypto', (t) => {
  const closure = new Set(['lib/passport/index'])
  for (const reached of closure)
    for (const one of sources.find(({ name }) => name === reached)?.imports ?? [])
      if (one !== 'node:crypto') closure.add(one)
  t.ok(closure.size > 5, 'all of it is seen')
  for (const name of closure) t.match(name, /^lib\/passport\//)
  t.end()
})

t.test('only the command reads the environment and writes to the terminal', (t) => {
  for (const { name, text } of sources)
    if (name.startsWith('lib/')) t.notMatch(text, /process\.(env|argv|exit|std)|console\./, name)
  t.end()
})

t.test('signatures and the token of operators are compared in constant time', (t) => {
  for (const [verifier, comparison] of [
    ['lib/jwt/hs256', 'timingSafeEqual(given, expected)'],
    ['lib/admin/guard', 'timingSafeEqual(given, expected)'],
    ['lib/passport/reader', 'timingSafeEqual(Buffer.from(given), Buffer.from(passportMac('],
  ] as const) {
    const text = sources.find(({ name }) => name === verifier)?.text ?? ''
    t.ok(text.includes(comparison), verifier)
    t.notMatch(text, /\.equals\(|=== expected(?!\.)|=== given(?!\.)|[^.]given === /)
  }
  t.end()
})

t.test('no module holds state', (t) => {
  for (const { name, text } of sources) t.notMatch(text, /^(export )?(let|var) /m, name)
  t.end()
})

t.test(`no file is longer than ${LIMIT_LINES} lines`, (t) => {
  const endings = /\.(ts|mjs|js|css|html)$/
  for (const file of ['lib', 'bin', 'test'].flatMap((folder) => filesUnder(folder, endings))) {
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1
    t.ok(lines <= LIMIT_LINES, `${file}: ${lines}`)
  }
  t.end()
})

t.test('every test stands where its subject stands', (t) => {
  const rooms = new Set(sources.map(({ name }) => dirname(name).replace(/^lib\/?/, '')))
  for (const file of filesUnder('test').filter((file) => file.endsWith('.test.ts')))
    t.ok(rooms.has(relative('test', dirname(file))), file)
  t.end()
})
