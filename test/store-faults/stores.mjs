// The stores that are let fail: what gateways are told of each, and what can be done to it.
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mountDisk } from './disk.mjs'
import { startRelay } from './relay.mjs'
import { postgres, redis } from './servers.mjs'

const LOCK_HOLDER = fileURLToPath(new URL('./lock-holder.mjs', import.meta.url))
const SQLITE_DISK_MB = 8
const POSTGRES_DISK_MB = 256
const LEFT_BYTES = 65_536
const LEFT_OF_MEMORY_BYTES = 16_384

export const STORES = {
  sqlite: {
    title: 'SQLite',
    start: async (processes, { name, isSmall }) => {
      const disk = isSmall ? mountDisk(SQLITE_DISK_MB) : undefined
      if (isSmall && !disk) return undefined
      const file = disk ? join(disk.folder, 'users.db') : processes.fileOf(`${name}.db`)
      let holder
      return {
        options: { store: `sqlite:${file}` },
        // It has no process that could be stopped: another one stops in the middle of a write.
        freeze: async () => {
          holder = processes.fork(LOCK_HOLDER, [file])
          await once(holder, 'message')
          holder.kill('SIGSTOP')
        },
        thaw: async () => {
          holder.kill('SIGCONT')
          holder.send('release')
          await once(holder, 'exit')
        },
        fill: () => disk.fill(LEFT_BYTES),
        empty: () => disk.empty(),
        stop: () => disk?.unmount(),
      }
    },
  },

  postgres: {
    title: 'PostgreSQL',
    start: async (_, { isSmall }) => {
      const disk = isSmall ? mountDisk(POSTGRES_DISK_MB) : undefined
      if (isSmall && !disk) return undefined
      const server = await postgres({ folder: disk?.folder })
      return {
        ...ofServers([server], ([url]) => ({ store: url })),
        fill: () => disk.fill(LEFT_BYTES),
        /** Starts the server too, should it have ended with its disk. */
        empty: async () => {
          disk.empty()
          if (await server.isUp()) return undefined
          await server.kill()
          await server.start()
          return 'the server had ended, and was started again'
        },
        stop: async () => {
          await server.stop()
          disk?.unmount()
        },
      }
    },
  },

  redis: {
    title: 'Redis',
    start: async () => {
      const server = await redis()
      return {
        ...ofServers([server], ([url]) => ({ store: url })),
        fill: () => server.fill(LEFT_OF_MEMORY_BYTES),
        empty: () => server.empty(),
      }
    },
  },

  both: {
    title: 'PostgreSQL + Redis',
    start: async () => {
      const servers = await Promise.all([postgres(), redis()])
      return ofServers(servers, ([store, ephemeralStore]) => ({ store, ephemeralStore }))
    },
  },
}

const ofServers = (servers, optionsOf) => {
  const each = (name) => () => Promise.all(servers.map((server) => server[name]()))
  return {
    options: optionsOf(servers.map(({ urlAt, port }) => urlAt(port))),
    wrongOptions: optionsOf(servers.map(({ urlAt, port }) => urlAt(port, 'wrong'))),
    passwords: servers.map(({ password }) => password),
    kill: each('kill'),
    start: each('start'),
    freeze: each('freeze'),
    thaw: each('thaw'),
    lockOut: each('lockOut'),
    letIn: each('letIn'),
    stop: each('stop'),
    /** Relays to all of its servers, as one, and what a gateway behind them is told. */
    relay: async () => {
      const relays = await Promise.all(servers.map(({ port }) => startRelay(port)))
      const all = (name) => (value) => relays.forEach((relay) => relay[name](value))
      return {
        options: optionsOf(servers.map(({ urlAt }, i) => urlAt(relays[i].port))),
        ...Object.fromEntries(['drop', 'delay', 'silence', 'heal', 'stop'].map((n) => [n, all(n)])),
      }
    },
  }
}
