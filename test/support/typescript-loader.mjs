// Lets a program of plain JavaScript import what the tests share in TypeScript, on any version of node.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }

export const load = async (url, context, next) => {
  if (!url.endsWith('.ts')) return next(url, context)
  const text = readFileSync(fileURLToPath(url), 'utf8')
  const source = ts.transpileModule(text, { compilerOptions }).outputText
  return { format: 'module', shortCircuit: true, source }
}
