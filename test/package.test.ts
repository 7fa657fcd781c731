import { execFileSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

t.test('the package holds only what its users need', (t) => {
  const [{ files, size }] = JSON.parse(packed) as [{ files: Array<{ path: string }>; size: number }]
  const paths = files.map(({ path }) => path)
  const expected =
    /^(dist\/(lib|bin)\/.*\.(js|d\.ts)|dist\/lib\/admin\/page\/[a-z-]+\.(html|css|svg)|dist\/lib\/admin\/monitoring\/(dashboard\.json|alerts\.yml)|(README|CHANGELOG|SECURITY)\.md|LICENSE|package\.json)$/
  t.same(
    paths.filter((path) => !expected.test(path)),
    [],
  )
  const monitoring = ['dashboard.json', 'alerts.yml'].map(
    (name) => `dist/lib/admin/monitoring/${name}`,
  )
  for (const path of ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', ...monitoring])
    t.ok(paths.includes(path), path)
  t.ok(size < 400_000, `${size} bytes`)
  t.end()
})

t.test('what services import is small, all of it together, and brings its types', (t) => {
  const room = join(ROOT, 'dist/lib/passport')
  const closure = new Set(['index'])
  let bytes = 0
  for (const name of closure) {
    const code = readFileSync(join(room, `${name}.js`), 'utf8')
    bytes += Buffer.byteLength(code)
    for (const [, next = ''] of code.matchAll(/from '\.\/([\w-]+)\.js'/g)) closure.add(next)
    t.ok(packed.includes(`dist/lib/passport/${name}.d.ts`), name)
  }
  t.ok(closure.size > 5, 'all of it is seen')
  t.ok(bytes < 10 * 1024, `${bytes} bytes`)
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
