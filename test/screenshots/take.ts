// Takes the pictures of the status page that README shows: of a real gateway under load for five
// minutes, or for as many seconds as the first argument says.
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { WebSocket, WebSocketServer } from 'ws'
import { createGateway } from '../../lib/index.js'
import { launchBrowser } from '../support/browser.js'
import { cheapHasher, postJson, SECRET } from '../support/gateways.js'
import { forge } from '../support/forge.js'
import { tokenFor } from '../support/live-gateway.js'
import { ADMIN_TOKEN } from '../support/operator.js'
import { smallPng } from './small-png.js'

const FOLDER = fileURLToPath(new URL('../admin/screenshots/', import.meta.url))
const seconds = Number(process.argv[2] ?? 300)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A service whose answers take some milliseconds, a few of them many. */
const startService = async (ms: number): Promise<{ url: string; end: () => void }> => {
  const server = createServer((request, response) => {
    const wait = ms * (1 - Math.log(1 - Math.random()))
    setTimeout(() => response.writeHead(request.url?.endsWith('/gone') ? 404 : 200).end('ok'), wait)
  })
  new WebSocketServer({ server }).on('connection', (socket) =>
    socket.on('message', () => socket.send('')),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, end }
}

const services = await Promise.all([2, 3, 4, 6].map(startService))
const [first, second, third, victim] = services.map(({ url }) => url) as [
  string,
  string,
  string,
  string,
]
const gateway = createGateway(
  {
    jwtSecret: SECRET,
    adminToken: ADMIN_TOKEN,
    admin: { port: 0 },
    passportSecret: 'a secret of passports, at least 32 bytes',
    routes: [
      { path: '/orders', upstream: [{ url: first, weight: 2 }, second] },
      { path: '/search', upstream: [third, victim] },
    ],
    healthCheck: { path: '/', intervalMs: 1_000 },
  },
  { passwordHasher: cheapHasher() },
)
const { port, admin } = await gateway.listen(0)
const origin = `http://127.0.0.1:${port}`
const startMs = performance.now()
const elapsed = (): number => (performance.now() - startMs) / 1_000
let isOver = false

const tokens = {
  good: tokenFor(86_400),
  expired: tokenFor(-60),
  forged: forge({ alg: 'HS256' }, {}, 'sha512'),
}

const get = async (path: string, token: string | undefined): Promise<void> => {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  await (await fetch(`${origin}/v1/proxy${path}`, { headers })).arrayBuffer()
}

/** More, and less, as the day goes. */
const keepAsking = async (): Promise<void> => {
  while (!isOver) {
    const chance = Math.random()
    const path = chance < 0.6 ? '/orders/1' : chance < 0.97 ? '/search' : '/orders/gone'
    const which = Math.random()
    const token =
      which < 0.94
        ? tokens.good
        : which < 0.97
          ? tokens.expired
          : which < 0.985
            ? tokens.forged
            : undefined
    void get(path, token).catch(() => {})
    if (Math.random() < 0.01)
      void postJson(`${origin}/v1/auth/login`, { email: 'eve@example.com', password: 'guessed it' })
    await pause(14 + 6 * Math.sin(elapsed() / 25) + Math.random() * 6)
  }
}

const look = async (
  name: string,
  options: BrowserContextOptions,
  show: (page: Page) => Promise<void>,
): Promise<void> => {
  const page = await (await browser.newContext(options)).newPage()
  await page.goto(`http://127.0.0.1:${admin?.port}/`)
  await page.getByLabel('Admin token').fill(ADMIN_TOKEN)
  await page.keyboard.press('Enter')
  await page.locator('#live-word', { hasText: 'Live' }).waitFor()
  await page.locator('#targets tr').first().waitFor()
  await page.locator('#content').evaluate(() => window.scrollTo(0, 0))
  await show(page)
  const picture = smallPng(await page.screenshot({ caret: 'hide' }))
  writeFileSync(`${FOLDER}${name}.png`, picture)
  console.log(`${name}.png: ${picture.length} bytes`)
  await page.context().close()
}

const inspect = async (page: Page): Promise<void> => {
  await page.getByLabel('Token', { exact: true }).fill(tokens.good)
  await page.getByRole('button', { name: 'Inspect' }).click()
  await page.locator('#verdict', { hasText: 'Accepted' }).waitFor()
}

mkdirSync(FOLDER, { recursive: true })
const sockets = ['/orders', '/orders', '/search'].map(
  (path) =>
    new WebSocket(`ws://127.0.0.1:${port}/v1/proxy${path}`, {
      headers: { Authorization: `Bearer ${tokens.good}` },
    }),
)
void keepAsking()
await pause(seconds * 850)
services[3]?.end()
await pause(seconds * 150)
const browser = await launchBrowser()
const desktop = { width: 1440, height: 1080 }
await look('desktop', { viewport: desktop, colorScheme: 'light' }, async () => {})
await look('dark', { viewport: desktop, colorScheme: 'dark' }, async (page) => {
  await inspect(page)
  await page.locator('#inspector').evaluate((node) => node.scrollIntoView({ block: 'end' }))
})
await look(
  'phone',
  { viewport: { width: 375, height: 1500 }, colorScheme: 'light' },
  async () => {},
)
isOver = true
await browser.close()
for (const socket of sockets) socket.terminate()
for (const { end } of services) end()
await gateway.close()
