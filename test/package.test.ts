import { execFileSync } from 'node:child_process'
import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const END_TO_END = fileURLToPath(new URL('./support/end-to-end.mjs', import.meta.url))

/** More Nodes to try, as paths of their binaries, separated by colons. */
const otherNodes = (process.env['OTHER_NODES'] ?? '').split(':').filter(Boolean)

const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })

const packed = run(
  'npm',
  ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
  ROOT,
)

const [{ files, size }] = JSON.parse(packed) as [{ files: Array<{ path: string }>; size: number }]
const packedPaths = files.map(({ path }) => path)
const LICENSES = 'dist/THIRD-PARTY-LICENSES'

/** These files, and those that they import, and so on. */
const closureOf = (files: string[]): string[] => {
  const closure = new Set(files)
  for (const file of closure) {
    const ending = file.endsWith('.d.ts') ? '.d.ts' : '.js'
    const code = readFileSync(join(ROOT, file), 'utf8')
    for (const [, path = ''] of code.matchAll(/["'](\.[^"']*)\.js["']/g))
      closure.add(join(dirname(file), `${path}${ending}`))
  }
  return [...closure]
}

t.test('the package holds only what its users need', (t) => {
  const expected =
    /^(dist\/(lib|bin)\/.*\.(js|d\.ts)|dist\/lib\/page\/[a-z-]+\.(html|css|svg)|dist\/THIRD-PARTY-LICENSES|dist\/lib\/admin\/monitoring\/(dashboard\.json|alerts\.yml)|(README|CHANGELOG|SECURITY)\.md|LICENSE|package\.json)$/
  t.same(
    packedPaths.filter((path) => !expected.test(path)),
    [],
  )
  const monitoring = ['dashboard.json', 'alerts.yml'].map(
    (name) => `dist/lib/admin/monitoring/${name}`,
  )
  const papers = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', LICENSES]
  for (const path of [...papers, ...monitoring]) t.ok(packedPaths.includes(path), path)
  t.ok(size < 350_000, `${size} bytes`)
  t.end()
})

t.test('what services import is small, all of it together, and brings its types', (t) => {
  const files = closureOf(['dist/lib/passport/index.js'])
  const bytes = files.map((file) => statSync(join(ROOT, file)).size).reduce((sum, one) => sum + one)
  t.ok(files.length > 1, 'all of it is seen')
  t.ok(bytes < 12 * 1024, `${bytes} bytes`)
  t.end()
})

t.test('the types of what is exported need no package, and no others are there', (t) => {
  const needed = closureOf(['dist/lib/index.d.ts', 'dist/lib/passport/index.d.ts'])
  t.ok(needed.length > 20, 'all of them are seen')
  for (const file of needed) {
    const code = readFileSync(join(ROOT, file), 'utf8')
    for (const [, name = ''] of code.matchAll(/from ["']([^."'][^"']*)["']/g))
      t.match(name, /^node:/, file)
  }
  const all = packedPaths.filter((path) => path.endsWith('.d.ts'))
  t.same(all.toSorted(), needed.toSorted())
  t.end()
})

t.test('the code that was taken in is named, with its licence', (t) => {
  const text = readFileSync(join(ROOT, LICENSES), 'utf8')
  const code = readdirSync(join(ROOT, 'dist/lib')).filter((name) => name.endsWith('.js.map'))
  const sources = code.map((name) => readFileSync(join(ROOT, 'dist/lib', name), 'utf8')).join('')
  const taken = new Set([...sources.matchAll(/node_modules\/([\w-]+)\//g)].map(([, name]) => name))
  t.same([...taken], ['zod'])
  t.match(text, /^zod \d+\.\d+\.\d+\n\nMIT License\n\nCopyright/)
  t.end()
})

t.test('the command is executable as it is built, which `npx .` needs', (t) => {
  const version = run(join(ROOT, 'dist/bin/passport-gateway.js'), ['--version'], folder)
  t.match(version, /^\d+\.\d+\.\d+\n$/)
  t.end()
})

t.test('the package works as it is installed, on each Node that is at hand', (t) => {
  // Unpacked beside the dependencies that are installed here, as npm would lay them out.
  const installed = join(folder, 'node_modules')
  mkdirSync(join(installed, 'passport-gateway'), { recursive: true })
  const archive = join(folder, (JSON.parse(packed) as [{ filename: string }])[0].filename)
  run(
    'tar',
    ['-xzf', archive, '-C', join(installed, 'passport-gateway'), '--strip-components=1'],
    folder,
  )
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const needed = ['node-gyp-build', 'libsql', ...Object.keys(dependencies)]
  for (const name of needed) symlinkSync(join(ROOT, 'node_modules', name), join(installed, name))
  for (const node of [process.execPath, ...otherNodes])
    t.match(run(node, [END_TO_END, folder], folder), /^works on v\d+/, node)
  t.end()
})
