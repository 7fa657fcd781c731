// Builds what is published. A process that loads some 300 files takes 90 ms longer to start than one that
// loads a few, so code is bundled by what is used together: once, for the library and the command alike.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('.', import.meta.url))
process.chdir(root)
const require = createRequire(import.meta.url)
const { dependencies } = require('./package.json')

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--emitDeclarationOnly'], {
  stdio: 'inherit',
})

/** The declarations that those of the library lead to; the others say nothing to anybody. */
const declarations = new Set(
  ['dist/lib/index.d.ts', 'dist/lib/passport/index.d.ts'].map((file) => join(file)),
)
for (const file of declarations) {
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/["'](\.[^"']*)\.js["']/g))
    declarations.add(join(dirname(file), `${path}.d.ts`))
}
for (const file of readdirSync('dist', { recursive: true }).map((name) => join('dist', name)))
  if (file.endsWith('.d.ts') && !declarations.has(file)) rmSync(file)

const { metafile } = await build({
  // What looks for a file beside itself finds it in dist/lib, where all but the command's first file is.
  entryPoints: {
    'lib/index': 'lib/index.ts',
    'lib/passport/index': 'lib/passport/index.ts',
    'lib/sqlite-worker': 'lib/stores/sqlite-worker.ts',
    'lib/hash-worker': 'lib/users/hash-worker.ts',
    'bin/passport-gateway': 'bin/passport-gateway.ts',
  },
  chunkNames: 'lib/[name]-[hash]',
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  external: Object.keys(dependencies),
  metafile: true,
  logLevel: 'warning',
})
chmodSync('dist/bin/passport-gateway.js', 0o755)

cpSync('lib/admin/page', 'dist/lib/page', {
  recursive: true,
  filter: (file) => !/\.ts$|tsconfig/.test(file),
})
cpSync('lib/admin/monitoring', 'dist/lib/admin/monitoring', { recursive: true })

/** Names of the packages whose code is in the bundle: `@scope/name` or `name`. */
const bundled = new Set(
  Object.keys(metafile.inputs).flatMap((file) => {
    const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? []
    return name === undefined ? [] : [name]
  }),
)
const notices = [...bundled].map((name) => {
  const { version } = require(`${name}/package.json`)
  return `${name} ${version}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8')}`
})
writeFileSync('dist/THIRD-PARTY-LICENSES', notices.join('\n'))
