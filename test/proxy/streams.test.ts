import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { createKeyRing, lastingSecret } from '../../lib/jwt/key-ring.js'
import { signToken } from '../../lib/jwt/sign.js'
import { SECRET } from '../support/gateways.js'
import { startHttpService } from '../support/services.js'

const GIB = 2 ** 30
const MIB = 2 ** 20
const CHUNK = Buffer.alloc(MIB, 'x')

const TOKEN = signToken(createKeyRing([lastingSecret(Buffer.from(SECRET))]), {
  sub: 'user_ada',
  exp: Math.floor(Date.now() / 1000) + 3_600,
})

interface GatewayProcess {
  port: number
  rssBytes: () => Promise<number>
}

const startProcess = async (t: Test, upstream: string): Promise<GatewayProcess> => {
  const file = fileURLToPath(new URL('../support/gateway-process.ts', import.meta.url))
  const child: ChildProcess = fork(file, {
    execArgv: process.execArgv,
    env: { ...process.env, JWT_SECRET: SECRET, UPSTREAM_URL: upstream },
  })
  t.teardown(() => void child.kill())
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    port,
    rssBytes: async () => {
      child.send('memory')
      const [{ rssBytes }] = (await once(child, 'message')) as [{ rssBytes: number }]
      return rssBytes
    },
  }
}

/** `bytes` bytes as fast as they are taken. */
const generate = (bytes: number): Readable => {
  let leftBytes = bytes
  return new Readable({
    highWaterMark: MIB,
    read() {
      const size = Math.min(leftBytes, CHUNK.length)
      leftBytes -= size
      this.push(size === 0 ? null : CHUNK.subarray(0, size))
    },
  })
}

/** Counts what comes; every 64 MiB it takes a pause of a turn, and calls `onPause`. */
const countSlowly = async (from: Readable, onPause: () => Promise<void>): Promise<number> => {
  let bytes = 0
  let nextPause = 64 * MIB
  for await (const chunk of from as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes < nextPause) continue
    nextPause += 64 * MIB
    await onPause()
  }
  return bytes
}

const send = (port: number, method: string, body?: Readable): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const outgoing = request({ port, method, path: '/v1/proxy/', headers }, resolve)
    outgoing.on('error', reject)
    if (body) pipeline(body, outgoing).catch(reject)
    else outgoing.end()
  })

t.test('2 GiB down and 2 GiB up pass through in less than 64 MiB of memory', async (t) => {
  let uploadedBytes = 0
  let onPause = async (): Promise<void> => {}
  const service = await startHttpService(t, (incoming, response) => {
    if (incoming.method === 'GET') {
      pipeline(generate(2 * GIB), response).catch(() => {})
      return
    }
    void countSlowly(incoming, onPause).then((bytes) => {
      uploadedBytes = bytes
      response.end('done')
    })
  })
  const { port, rssBytes } = await startProcess(t, service.url)
  // What a process takes once, the first stream shows.
  const warmUp = await send(port, 'PUT', generate(256 * MIB))
  warmUp.resume()
  await once(warmUp, 'end')
  const before = await rssBytes()
  let most = before
  onPause = async () => {
    most = Math.max(most, await rssBytes())
  }
  const downloaded = await countSlowly(await send(port, 'GET'), onPause)
  t.equal(downloaded, 2 * GIB)
  const answer = await send(port, 'PUT', generate(2 * GIB))
  t.equal(answer.statusCode, 200)
  answer.resume()
  t.equal(uploadedBytes, 2 * GIB)
  const grownMiB = Math.round((most - before) / MIB)
  t.ok(grownMiB < 64, `grown by ${grownMiB} MiB`)
})
