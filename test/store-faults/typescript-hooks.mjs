// Lets a node that strips no types import the servers of test/support:
// `register('./typescript-hooks.mjs', import.meta.url)`.
import { readFile } from 'node:fs/promises'
import ts from 'typescript'

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }

export const load = async (url, context, next) => {
  if (!url.endsWith('.ts')) return next(url, context)
  const text = await readFile(new URL(url), 'utf8')
  const { outputText: source } = ts.transpileModule(text, { compilerOptions })
  return { format: 'module', source, shortCircuit: true }
}
