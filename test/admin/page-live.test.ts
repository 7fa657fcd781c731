// The status page in a real browser, of a real gateway.
import t from 'tap'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.js'
import { forge } from '../support/forge.js'
import { startLiveGateway, startTarget, tokenFor } from '../support/live-gateway.js'
import { ADMIN_TOKEN } from '../support/operator.js'
import { openStatusPage, overflowOf, violationsIn } from '../support/status-page.js'
import { until } from '../support/until.js'

const browser = await launchBrowser()
t.teardown(() => browser.close())

const QUICK_CHECKS = {
  healthCheck: { path: '/', intervalMs: 1_000, healthyAfter: 1, unhealthyAfter: 1, timeoutMs: 500 },
}

const signIn = async (page: Page): Promise<void> => {
  await page.getByLabel('Admin token').fill(ADMIN_TOKEN)
  await page.keyboard.press('Enter')
}

/** The 401 by which the page learns that a token is wanted is told by every browser. */
const withoutThe401 = (complaints: string[]): string[] =>
  complaints.filter((one) => !/status of 401/.test(one))

t.test(
  'under load the plots move, and a target that is killed turns red and recovers',
  async (t) => {
    const [stable, victim] = [await startTarget(t), await startTarget(t)]
    const gateway = await startLiveGateway(t, {
      upstream: [stable.url, victim.url],
      ...QUICK_CHECKS,
    })
    gateway.keepAsking()
    const opened = await openStatusPage(t, browser, gateway.adminOrigin)
    const { page, shows, complaints } = opened
    await signIn(page)
    await shows('#targets-summary', '2 up')
    const path = (): Promise<string | null> =>
      page.locator('#requests-plot .plot .series-s2xx').getAttribute('d')
    const figures = async (): Promise<Array<string | null>> =>
      Promise.all(['#requests-total', '#latency-p99'].map((id) => page.locator(id).textContent()))
    await until('it counts', async () => Number((await figures())[0]) > 5)
    t.match((await figures())[1], / m?s$/)
    const first = await path()
    await until('it moves', async () => (await path()) !== first)
    await shows('#targets .share .value', /^[1-9]\d %$/)

    const row = page.locator('#targets tr', { hasText: victim.url })
    const colour = (): Promise<string> =>
      row.locator('.state').evaluate((cell) => getComputedStyle(cell).color)
    const healthy = await colour()
    await victim.kill()
    await until('it is down', async () => (await row.getAttribute('data-state')) === 'down')
    t.match(await colour(), /^rgb\(1[5-9]\d, \d\d, \d\d\)$/, 'red')
    t.match(await row.locator('.state').textContent(), 'down')
    await victim.revive()
    await until('it is up', async () => (await row.getAttribute('data-state')) === 'up')
    t.equal(await colour(), healthy)
    t.same(withoutThe401(complaints), [])
    t.same(await violationsIn(page), [])
    await page.setViewportSize({ width: 375, height: 800 })
    await until('it is as narrow', async () => (await overflowOf(page)) === 0)
  },
)

t.test('a refused request is there a moment later, with its reason and its id', async (t) => {
  const gateway = await startLiveGateway(t, { upstream: (await startTarget(t)).url })
  const opened = await openStatusPage(t, browser, gateway.adminOrigin)
  const { page, shows, complaints } = opened
  await signIn(page)
  await shows('#no-newest', 'None.')
  const refused = await gateway.ask(tokenFor(-60))
  t.equal(refused.status, 401)
  await shows('#newest .reason', 'expired')
  await shows('#newest .request-id', refused.headers.get('x-request-id') ?? '')
  await shows('#newest .status', '401')
  await shows('#reasons .name', 'expired')
  await shows('#reasons .total', '1')
  t.equal(await page.locator('#no-newest').isVisible(), false)
  t.same(withoutThe401(complaints), [])
})

t.test('the inspector explains an expired, a forged and a good token', async (t) => {
  const service = await startTarget(t)
  const gateway = await startLiveGateway(t, {
    upstream: service.url,
    passportSecret: 'a secret of passports, at least 32 bytes',
  })
  const { page, shows, complaints, requests } = await openStatusPage(
    t,
    browser,
    gateway.adminOrigin,
  )
  await signIn(page)
  const inspect = async (token: string): Promise<void> => {
    await page.getByLabel('Token', { exact: true }).fill(token)
    await page.getByRole('button', { name: 'Inspect' }).click()
  }
  const results = (): Promise<Array<string | null>> =>
    page.locator('.check-list .result').evaluateAll((all) => all.map((one) => one.textContent))

  await inspect(tokenFor(-60))
  await shows('#verdict', 'Refused: expired')
  await shows('.check-list [data-shape=down]', /^exp is in the future failed exp has passed/)
  t.equal((await results()).at(-1), 'not reached')
  await shows('.claims-part', /sub.*user_ada/)
  t.equal(await page.locator('.not-ours').count(), 0)

  await inspect(forge({ alg: 'HS256', typ: 'JWT' }, { sub: 'user_eve' }, 'sha512'))
  await shows('#verdict', 'Refused: bad_signature')
  await shows('.check-list [data-shape=down]', /^the signature is of such a key failed .+/)
  await shows('.headers-part', /Nothing: the service is not reached\./)
  await shows('.claims-part .not-ours', /anybody could have written it/)

  const good = tokenFor(3_600)
  await inspect(good)
  await shows('#verdict', 'Accepted')
  t.same([...new Set(await results())], ['passed'])
  await shows('[data-name=X-Proxy-State]', 'ZnJlZTpJTjphbmRyb2lk')
  await shows('[data-name=X-Passport-Signature]', /./)
  const passport = await page.locator('[data-name=X-Passport]').textContent()
  t.match(JSON.parse(Buffer.from(passport ?? '', 'base64').toString()), { user_id: 'user_ada' })
  await shows('.passport-part', /user_id.*user_ada.*subscription.*free.*token_status.*valid/)
  t.same(withoutThe401(complaints), [])
  for (const token of [good, ADMIN_TOKEN])
    t.notMatch(requests.map((one) => one.split(' ')[1]).join(' '), token, 'it is in no URL')
})

t.test('without a token of operators none is asked for', async (t) => {
  const gateway = await startLiveGateway(t, {
    upstream: (await startTarget(t)).url,
    adminToken: undefined,
    admin: { port: 0 },
  } as never)
  const { page, shows, complaints } = await openStatusPage(t, browser, gateway.adminOrigin)
  await shows('#live-word', 'Live')
  await shows('#readiness', 'Ready')
  t.equal(await page.locator('#sign-in').isVisible(), false)
  t.same(complaints, [])
})
