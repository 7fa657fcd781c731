// What the gateway is measured beside, as far as it is there.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startContender } from './contenders.mjs'
import { CORES } from './cpu.mjs'
import { startMeasured, versionOf } from './programs/index.mjs'

/** Packages that a rival is made of; the first gives it its version. */
const PACKAGES = {
  fastify: ['@fastify/http-proxy', '@fastify/jwt', 'fastify'],
  express: ['http-proxy-middleware', 'express-jwt', 'express'],
  'http-proxy': ['http-proxy', 'jsonwebtoken'],
}
const OF_NODE = ['pipe', 'gateway', 'answer', 'refuse']
const OF_SYSTEM = ['haproxy', 'nginx']
/** Whatever may be measured. */
export const ALL = [...OF_NODE, ...Object.keys(PACKAGES), ...OF_SYSTEM]
const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** Installs the packages, in this folder alone, unless they are there; whether they are then. */
export const installPackages = () => {
  if (existsSync(`${FOLDER}node_modules`)) return true
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', FOLDER]
  return spawnSync('npm', args, { stdio: ['ignore', 2, 2] }).status === 0
}

/** What a rival is, with its version; `undefined` where it is not there. */
export const describe = (name) => {
  if (OF_NODE.includes(name)) return name
  if (!PACKAGES[name]) {
    const version = versionOf(name)
    return version && `${name} ${version}`
  }
  const versions = PACKAGES[name].map(installed)
  return versions.includes(undefined) ? undefined : versions.join(', ')
}

const installed = (name) => {
  const file = `${FOLDER}node_modules/${name}/package.json`
  return existsSync(file) ? `${name} ${JSON.parse(readFileSync(file, 'utf8')).version}` : undefined
}

/** Starts what is measured, on its core. */
export const startRival = (name, settings) =>
  (OF_NODE.includes(name) || PACKAGES[name] ? startContender : startMeasured)(name, {
    core: CORES.contender,
    ...settings,
  })
