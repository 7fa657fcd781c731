// Processes of the run, none of which is left behind.
import { fork, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pinned } from './cpu.mjs'

const children = new Set()
let directory
process.once('exit', () => {
  // No more than that, as a killed nginx leaves its worker behind.
  for (const child of children) child.kill('SIGTERM')
  if (directory) rmSync(directory, { recursive: true, force: true })
})

const watch = (child) => {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** A file that is gone when the run is over. */
export const fileOf = (name) => {
  directory ??= mkdtempSync(join(tmpdir(), 'bench-'))
  return join(directory, name)
}

/** Starts a module of this folder, with a channel to talk to it. */
export const forkModule = (file, args, { core, env = {}, nodeFlags = [] } = {}) => {
  const [execPath, execArgv] = pinned(core, process.execPath, nodeFlags)
  const path = fileURLToPath(new URL(file, import.meta.url))
  return watch(fork(path, args, { execPath, execArgv, env: { ...process.env, ...env } }))
}

/** Starts another program. */
export const startProgram = (command, args, { core, ...options } = {}) =>
  watch(spawn(...pinned(core, command, args), options))
