// Compiles what is imported in TypeScript, on any version of node, and keeps the outcome for the next
// process.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/typescript/', import.meta.url))
const { version } = require('typescript/package.json')
mkdirSync(CACHE, { recursive: true })

/** A `.js` that is not there is the `.ts` that it will be built of. */
export const resolve = async (specifier, context, next) => {
  if (!/^(?:\.|file:).*\.js(?:$|\?)/.test(specifier)) return next(specifier, context)
  const url = new URL(specifier, context.parentURL)
  const source = new URL(url)
  source.pathname = url.pathname.replace(/js$/, 'ts')
  if (existsSync(url) || !existsSync(source)) return next(specifier, context)
  // What a test puts in the place of a module is known by the name that is imported.
  const mocked =
    context.parentURL?.includes('?tapmock=') &&
    (await next(specifier, context).catch(() => undefined))
  return mocked || next(source.href, context)
}

export const load = (url, context, next) => {
  const { pathname, protocol } = new URL(url)
  return protocol === 'file:' && pathname.endsWith('.ts')
    ? { format: 'module', shortCircuit: true, source: compiled(fileURLToPath(url)) }
    : next(url, context)
}

const compiled = (fileName) => {
  const text = readFileSync(fileName, 'utf8')
  const digest = createHash('sha256').update(`${version}\0${fileName}\0${text}`).digest('hex')
  const kept = join(CACHE, `${digest}.js`)
  if (existsSync(kept)) return readFileSync(kept, 'utf8')
  const output = compile(fileName, text)
  const unfinished = `${kept}.${process.pid}.${performance.now()}`
  writeFileSync(unfinished, output)
  renameSync(unfinished, kept)
  return output
}

const compile = (fileName, text) => {
  const ts = require('typescript') // it takes half a second
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
    inlineSources: true,
  }
  return ts.transpileModule(text, { fileName, compilerOptions }).outputText
}
