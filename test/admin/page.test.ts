// The status page in a real browser, with figures of the tests' own.
import t from 'tap'
import type { Snapshot } from '../../lib/admin/page/contract.js'
import { launchBrowser } from '../support/browser.js'
import { ACCEPTED, BUSY, TARGETS } from '../support/busy-gateway.js'
import { startFakeAdmin } from '../support/fake-admin.js'
import { openStatusPage, overflowOf, violationsIn } from '../support/status-page.js'
import { until } from '../support/until.js'

const browser = await launchBrowser()
t.teardown(() => browser.close())

const VIEWS = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 375, height: 812 }, isMobile: true, hasTouch: true },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
} as const

t.test('what has been is plotted at once, and moves on with each second', async (t) => {
  const fake = await startFakeAdmin(t)
  for (let i = 0; i < 120; i++) fake.push()
  const { page, shows, complaints } = await openStatusPage(t, browser, fake.origin)
  await shows('#live-word', 'Live')
  await shows('#requests-total', '12.5')
  await shows('#latency-p99', '9.9 ms')
  const path = (): Promise<string | null> =>
    page.locator('#requests-plot .plot .series-s2xx').getAttribute('d')
  const before = (await path()) ?? ''
  t.ok(before.split('L').length > 200, 'two minutes, above and below')
  fake.push(BUSY)
  await shows('#requests-total', '31.5')
  t.not(await path(), before)
  await shows('#requests-plot .legend', /5xx 2\.0.*4xx 8\.0.*other 0\.5.*3xx 1\.0.*2xx 20\.0/)
  await shows('#latency-plot .legend', /p50 1\.3 ms.*p95 7\.0 ms.*p99 1\.25 s/)
  t.match(
    await page.locator('#latency-plot .plot').getAttribute('aria-label'),
    'Latency, the last five minutes. Now: p50 1.3 ms, p95 7.0 ms, p99 1.25 s.',
  )
  await page.locator('#requests-plot summary').click()
  await shows('#requests-plot tbody tr:first-child', /^\d\d:\d\d:\d\d20\.01\.00\.58\.02\.0$/)
  t.equal(await page.locator('#requests-plot tbody tr').count(), 13, 'a row for ten seconds')
  t.same(complaints, [])
})

t.test('where the pointer is, both plots tell the same moment', async (t) => {
  const fake = await startFakeAdmin(t)
  for (let i = 0; i < 299; i++) fake.push()
  fake.push(BUSY)
  const { page, shows } = await openStatusPage(t, browser, fake.origin)
  await shows('#requests-plot .moment', 'now')
  await page.locator('#requests-plot .plot').hover({ position: { x: 200, y: 60 } })
  for (const plot of ['#requests-plot', '#latency-plot'])
    await shows(`${plot} .moment`, /^at \d\d:\d\d:\d\d$/)
  await shows('#latency-plot .legend', /p99 9\.9 ms/)
  await page.locator('#targets-title').hover()
  await shows('#latency-plot .moment', 'now')
  await shows('#latency-plot .legend', /p99 1\.25 s/)
})

t.test('the state of each target is a colour, a shape and a word, and follows it', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.push(BUSY)
  const { page, shows } = await openStatusPage(t, browser, fake.origin)
  await shows('#targets-summary', '1 up · 1 down · 1 ejected')
  const looks = async (): Promise<string[]> =>
    page.locator('#targets .state').evaluateAll((cells) =>
      cells.map((cell) => {
        const shape = cell.querySelector('path')?.getAttribute('d') ?? ''
        return [cell.textContent, getComputedStyle(cell).color, shape.slice(0, 9)].join(' ')
      }),
    )
  const first = await looks()
  t.equal(new Set(first).size, 3)
  for (const part of [0, 1, 2])
    t.equal(new Set(first.map((look) => look.split(/ (?=rgb|M)/)[part])).size, 3)
  await shows('#targets tr:nth-child(2)', /^ejected\/v1\/proxy\/\*http:\/\/10\.0\.0\.2:4000/)
  fake.push({ ...BUSY, targets: TARGETS.map((target) => ({ ...target, state: 'up' })) })
  await shows('#targets-summary', '3 up')
  t.equal(new Set(await looks()).size, 1)
  fake.push({ targets: [] })
  await page.locator('#no-targets').waitFor()
})

t.test('readiness and overload are told on top, and only then', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.push()
  const { page, shows } = await openStatusPage(t, browser, fake.origin)
  await shows('#readiness', 'Ready')
  await shows('#load', 'Load normal')
  t.equal(await page.locator('.banner:visible').count(), 0)
  const said = page.locator('#announcement')
  t.equal(await said.textContent(), '')
  fake.push(BUSY)
  const warning =
    'Degraded, but in service: upstream. Overloaded (soft limit): connections are not kept, and no stream begins.'
  await shows('#warning', warning)
  await shows('#readiness', 'Degraded')
  await shows('#checks', 'store readyupstream not ready')
  t.equal(await said.textContent(), warning)
  t.equal(await page.title(), 'Trouble: passport-gateway')
  const grave: Array<Partial<Snapshot>> = [
    { overload: 'hard' },
    { ready: { status: 'not_ready', checks: [{ name: 'store', ready: false }] } },
  ]
  for (const change of grave) {
    fake.push(change)
    await page.locator('#warning[data-grave=true]').waitFor()
  }
  await shows('#warning', 'Not ready: store.')
  fake.push()
  await page.locator('#warning').waitFor({ state: 'hidden' })
  t.equal(await page.title(), 'passport-gateway')
})

t.test('a pause holds the picture still, and its end catches up', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.push()
  const { page, shows } = await openStatusPage(t, browser, fake.origin)
  await shows('#requests-total', '12.5')
  await page.getByRole('button', { name: 'Pause' }).click()
  fake.push(BUSY)
  fake.isAway = true
  fake.cut()
  await shows('#live-word', 'Lost') // and so all that came before has been read
  t.equal(await page.locator('#requests-total').textContent(), '12.5')
  await page.getByRole('button', { name: 'Pause', pressed: true }).click()
  await shows('#requests-total', '31.5')
})

t.test('a reason chooses which of the newest are shown; an id can be copied', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.push(BUSY)
  const { page, shows } = await openStatusPage(t, browser, fake.origin, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await shows('#reasons li:first-child', 'expired 1,200 2.5/s')
  const rows = page.locator('#newest tr')
  t.equal(await rows.count(), 3)
  await page.getByRole('button', { name: /^bad_signature/ }).click()
  t.equal(await rows.count(), 1)
  fake.push(BUSY)
  await shows('#newest-filter-reason', 'bad_signature')
  await page.getByRole('button', { name: 'Copy request id request-1' }).click()
  await shows('#newest .copied', 'Copied')
  t.equal(await page.evaluate(() => navigator.clipboard.readText()), 'request-1')
  await page.getByRole('button', { name: 'Show all' }).click()
  t.equal(await rows.count(), 3)
})

for (const [name, options] of Object.entries(VIEWS))
  t.test(`${name}: axe-core finds nothing, and the page is no wider than its window`, async (t) => {
    const fake = await startFakeAdmin(t)
    fake.inspect = () => ACCEPTED
    for (let i = 0; i < 30; i++) fake.push()
    const { page, shows } = await openStatusPage(t, browser, fake.origin, options)
    await shows('#requests-total', '12.5')
    t.same(await violationsIn(page), [], 'quiet')
    fake.push(BUSY)
    await shows('#requests-total', '31.5')
    await page.locator('#latency-plot summary').click()
    await page.locator('#token').fill('a.b.c')
    await page.locator('#inspect').click()
    await shows('#verdict', 'Accepted')
    t.same(await violationsIn(page), [], 'busy')
    t.equal(await overflowOf(page), 0)
    fake.isAway = true
    fake.cut()
    await page.locator('#connection').waitFor()
    t.same(await violationsIn(page), [], 'lost')
    fake.isAway = false
    fake.token = 'secret'
    await page.locator('#sign-in').waitFor()
    t.same(await violationsIn(page), [], 'asked')
    t.equal(await overflowOf(page), 0)
  })

t.test('the theme is of the system, or as it is chosen, also the next time', async (t) => {
  const fake = await startFakeAdmin(t)
  const { page } = await openStatusPage(t, browser, fake.origin, VIEWS.dark)
  const ground = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const dark = await ground()
  await page.getByRole('button', { name: 'Theme: auto' }).click()
  const light = await ground()
  t.not(light, dark)
  await page.reload()
  await page.getByRole('button', { name: 'Theme: light' }).waitFor()
  t.equal(await ground(), light)
  await page.getByRole('button', { name: 'Theme: light' }).click()
  t.equal(await ground(), dark)
  await page.emulateMedia({ colorScheme: 'light' })
  t.equal(await ground(), dark)
  await page.getByRole('button', { name: 'Theme: dark' }).click()
  await until('as the system', async () => (await ground()) === light)
})
