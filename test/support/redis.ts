// A real Redis server: $REDIS_SERVER, else redis-server or valkey-server on the PATH, else Debian's
// package unpacked (not installed, so no root and no service) under node_modules/.cache.
// No npm package ships a server that runs on Debian 12. Never skips: it throws, and the test fails.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './port.ts'
import { runnable } from './runnable.ts'

export interface RedisOptions {
  /** Default none. */
  password?: string
  /** Whether it keeps its data when it is killed. Default true. */
  isDurable?: boolean
  /** How often it writes to the disk what it keeps. Default always, before it answers. */
  fsync?: 'always' | 'everysec'
  /** Paths of its certificate and key, for TLS alone. Default none. */
  tls?: { certFile: string; keyFile: string }
}

export interface RedisServer {
  port: number
  /** Ends it as the loss of power does. */
  kill(): Promise<void>
  /** Starts it again on the same port, with the data it kept. */
  start(): Promise<void>
  /** It takes connections and answers nothing. */
  freeze(): void
  thaw(): void
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts a server on a port of 127.0.0.1 that was free. */
export const startRedis = async (options: RedisOptions = {}): Promise<RedisServer> => {
  const { password, isDurable = true, fsync = 'always', tls } = options
  const binary = findServer()
  const dir = mkdtempSync(join(tmpdir(), 'gw-redis-'))
  const port = await freePort()
  const settings = {
    ...(tls
      ? {
          port: '0',
          'tls-port': String(port),
          'tls-cert-file': tls.certFile,
          'tls-key-file': tls.keyFile,
          'tls-auth-clients': 'no',
        }
      : { port: String(port) }),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: isDurable ? 'yes' : 'no',
    appendfsync: fsync,
    ...(password && { requirepass: password }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  let child = await launch(binary, flags)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  return {
    port,
    kill: () => end('SIGKILL'),
    start: async () => void (child = await launch(binary, flags)),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: async () => {
      await end('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

interface Binary {
  file: string
  /** Where its libraries are, if not where the system looks. */
  libs?: string
}

const findServer = (): Binary => {
  const named = process.env['REDIS_SERVER']
  const installed = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => [join(folder, 'redis-server'), join(folder, 'valkey-server')])
  const found = [...(named ? [named] : []), ...installed].find(runnable)
  try {
    return found ? { file: found } : unpackDebian()
  } catch (cause) {
    throw new Error('no redis-server: install one, or set REDIS_SERVER to one', { cause })
  }
}

const CACHE = join(import.meta.dirname, '../../node_modules/.cache')
const PACKAGES = ['redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1']

const unpackDebian = (): Binary => {
  const root = join(CACHE, 'redis')
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const libs = join(root, 'usr/lib', `${machine}-linux-gnu`)
  // The server's own binary: it looks at argv[0].
  const file = join(root, 'usr/bin/redis-check-rdb')
  if (existsSync(file)) return { file, libs }
  mkdirSync(CACHE, { recursive: true })
  // Whole or not at all: test files run beside each other.
  const work = mkdtempSync(join(CACHE, 'redis-'))
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: work, stdio: 'pipe' })
  try {
    try {
      run('apt-get', 'download', '-qq', ...PACKAGES)
    } catch {
      run('apt-get', 'update', '-qq')
      run('apt-get', 'download', '-qq', ...PACKAGES)
    }
    for (const deb of readdirSync(work).filter((name) => name.endsWith('.deb')))
      run('dpkg-deb', '-x', deb, 'root')
    try {
      renameSync(join(work, 'root'), root)
    } catch (error) {
      if (!existsSync(file)) throw error
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return { file, libs }
}

const launch = async ({ file, libs }: Binary, flags: string[]): Promise<ChildProcess> => {
  const child = spawn(file, flags, {
    argv0: 'redis-server',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(libs && { LD_LIBRARY_PATH: libs }) },
  })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`redis ended: ${log}`)))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (log.includes('Ready to accept connections')) resolve()
    })
  })
  return child
}
