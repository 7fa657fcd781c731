import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { portNamedBy } from '../launch.mjs'

const SERVER = fileURLToPath(new URL('./fastify-server.mjs', import.meta.url))
const PACKAGE = new URL('../node_modules/@fastify/http-proxy/package.json', import.meta.url)

export const fastifyHttpProxy = {
  name: '@fastify/http-proxy',
  version: () =>
    existsSync(PACKAGE) ? JSON.parse(readFileSync(PACKAGE, 'utf8')).version : undefined,
  start: async ({ launcher, originPort }) => {
    const port = await portNamedBy(launcher.start(process.execPath, [SERVER, String(originPort)]))
    return { url: `http://127.0.0.1:${port}`, lines: [] }
  },
}
