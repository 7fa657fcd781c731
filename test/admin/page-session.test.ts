// Whom the page speaks with, and what it keeps to itself.
import t from 'tap'
import type { Inspection } from '../../lib/admin/page/contract.js'
import { launchBrowser } from '../support/browser.js'
import { ACCEPTED, BUSY, EXPIRED, TARGETS } from '../support/busy-gateway.js'
import { startFakeAdmin, START_MS } from '../support/fake-admin.js'
import { openStatusPage } from '../support/status-page.js'
import { until } from '../support/until.js'

const browser = await launchBrowser()
t.teardown(() => browser.close())

const TOKEN = 'a-token-of-operators-of-the-tests'
const LOAD_FAILED = /^Failed to load resource/

t.test('where a token is wanted the page asks until it is the right one', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.token = TOKEN
  fake.push()
  const { page, shows, complaints, requests } = await openStatusPage(t, browser, fake.origin)
  const field = page.getByLabel('Admin token')
  await field.waitFor()
  t.equal(await page.locator('#main').isVisible(), false)
  t.equal(await page.locator('#sign-in-error').textContent(), '')
  t.equal(await field.getAttribute('type'), 'password')
  t.ok(await field.evaluate((input) => input === document.activeElement), 'it can be typed at once')
  await page.keyboard.type('wrong')
  await page.keyboard.press('Enter')
  await shows('#sign-in-error', 'Wrong token.')
  for (const odd of ['', 'two words', 'clé']) {
    await field.fill(odd)
    await page.keyboard.press('Enter')
    await shows('#sign-in-error', 'A token is visible ASCII characters, without spaces.')
  }
  await field.fill(` ${TOKEN}\n`)
  await page.keyboard.press('Enter')
  await shows('#requests-total', '12.5')
  t.equal(await page.locator('#sign-in').isVisible(), false)
  await until('it listens', () => fake.listeners === 1)

  fake.token = 'another'
  fake.cut()
  await shows('#sign-in-error', 'The gateway no longer takes this token.')
  fake.token = TOKEN
  await field.fill(TOKEN)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await shows('#live-word', 'Live')

  const kept = await page.evaluate(() =>
    JSON.stringify([localStorage, sessionStorage, document.cookie]),
  )
  t.equal(kept, '[{},{},""]')
  t.notMatch(requests.join('\n'), TOKEN, 'it is in no URL and no body')
  t.notMatch(await page.content(), TOKEN)
  t.ok(
    complaints.every((one) => LOAD_FAILED.test(one)),
    complaints.join('\n'),
  )
  await page.reload()
  await field.waitFor()
})

t.test('too many attempts are told as such', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.token = TOKEN
  fake.attemptsAllowed = 2
  const { page, shows } = await openStatusPage(t, browser, fake.origin)
  for (const message of ['Wrong token.', 'Too many attempts. Try again in 30 s.']) {
    await page.getByLabel('Admin token').fill('wrong')
    await page.keyboard.press('Enter')
    await shows('#sign-in-error', message)
  }
})

t.test('a connection that is lost is told, and comes back by itself', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.push()
  const { page, shows, complaints } = await openStatusPage(t, browser, fake.origin)
  await until('it listens', () => fake.listeners === 1)
  fake.isAway = true
  fake.cut()
  await shows(
    '#connection-words',
    'The connection to the gateway is lost: what is shown is not of now.',
  )
  await shows('#live-word', 'Lost')
  t.match(await page.locator('#announcement').textContent(), /is lost/)
  t.equal(await page.title(), 'Lost: passport-gateway')
  await shows('#retry-in', 'Trying again in 2 s.')
  await shows('#retry-in', 'Trying again in 4 s.')
  fake.push(BUSY)
  fake.isAway = false
  await page.getByRole('button', { name: 'Try now' }).click()
  await page.locator('#connection').waitFor({ state: 'hidden' })
  await shows('#live-word', 'Live')
  await shows('#requests-total', '31.5') // what happened meanwhile
  fake.push()
  await shows('#requests-total', '12.5')
  t.ok(
    complaints.every((one) => LOAD_FAILED.test(one)),
    complaints.join('\n'),
  )
})

t.test('a gateway that falls silent is lost too', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.push()
  const { page, shows } = await openStatusPage(t, browser, fake.origin)
  await until('it listens', () => fake.listeners === 1)
  fake.isAway = true // and nothing is cut: a machine that was unplugged
  await shows('#live-word', 'Lost')
  await page.locator('#connection').waitFor()
  await until('it gave up', () => fake.listeners === 0)
})

t.test('text that is markup is text', async (t) => {
  const fake = await startFakeAdmin(t)
  const evil = '<img src=x onerror="document.title=\'run\'">'
  const hostile: Inspection = {
    ...EXPIRED,
    reason: evil,
    checks: [{ name: evil, passed: false, detail: evil }],
    claims: { [evil]: evil, exp: 1e300, nested: { [evil]: [evil] } },
    header: { kid: evil },
    passport: { email: evil },
    headers: { [evil]: evil },
  }
  fake.inspect = () => hostile
  fake.push({
    ready: { status: 'not_ready', checks: [{ name: evil, ready: false }] },
    targets: [{ ...TARGETS[0]!, route: evil, target: evil }],
    refusals: [{ reason: evil, total: 1, per_second: 1 }],
    newest_refusals: [
      { at: START_MS, request_id: evil, method: evil, route: evil, status: 401, reason: evil },
    ],
  })
  const { page, shows, complaints } = await openStatusPage(t, browser, fake.origin)
  await shows('#newest .request-id', evil)
  await shows('#newest .reason', evil)
  await shows('#targets .route', evil)
  await shows('#reasons .name', evil)
  await page.getByLabel('Token', { exact: true }).fill('x')
  await page.getByRole('button', { name: 'Inspect' }).click()
  await shows('#verdict', `Refused: ${evil}`)
  await shows('.check-list .detail', evil)
  await shows('.header-value code', evil)
  t.equal(await page.locator('img').count(), 2, 'the two of the page itself')
  t.notMatch(await page.title(), 'run')
  t.same(complaints, [])
})

t.test('the inspector is used with the keyboard alone, and keeps nothing', async (t) => {
  const fake = await startFakeAdmin(t)
  fake.inspect = (token) => (token === 'a.good.token' ? ACCEPTED : EXPIRED)
  fake.push(BUSY)
  const { page, shows, requests } = await openStatusPage(t, browser, fake.origin, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await shows('#requests-total', '31.5')
  const focused = (): Promise<string> =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? '',
    )
  const tabTo = async (name: string): Promise<void> => {
    for (let i = 0; i < 60 && (await focused()) !== name; i++) await page.keyboard.press('Tab')
    t.equal(await focused(), name)
  }
  await tabTo('inspect')
  await page.keyboard.press('Enter')
  await shows('#verdict', 'Paste a token first.')
  t.equal(await focused(), 'token', 'the field has the focus')
  await page.keyboard.type('an.old.token')
  await page.keyboard.press('Enter')
  await shows('#verdict', 'Refused: expired')
  await shows('.check-list li:nth-child(1)', 'the signature is of such a key passed ')
  await shows('.check-list li:nth-child(2)', 'exp is in the future failed exp has passed')
  await shows('.check-list li:nth-child(3)', 'it is not revoked not reached ')
  await shows('.claims-part', /exp1700000000 2023-11-14T22:13:20Z, \d+ d( \d+ h)? ago/)
  await shows('.headers-part', /Nothing: the service is not reached\./)

  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText('Authorization: Bearer a.good.\r\n token\n')
  await tabTo('inspect')
  await page.keyboard.press('Space')
  await shows('#verdict', 'Accepted')
  await shows('[data-name=X-Passport]', 'eyJ1c2VyX2lkIjoidXNlcl9hZGEifQ==')
  await shows('.passport-part', /user_id.*user_ada.*token_status.*valid/)
  await tabTo('Copy X-Proxy-State')
  await page.keyboard.press('Enter')
  await shows('.header-value:nth-of-type(2) .copied', 'Copied')
  t.equal(await page.evaluate(() => navigator.clipboard.readText()), 'ZnJlZTpJTjphbmRyb2lk')
  t.equal(await focused(), 'Copy X-Proxy-State', 'the focus stays')
  t.same(fake.inspected, ['an.old.token', 'a.good.token'])

  const sent = requests.filter((one) => one.includes('good'))
  t.same(sent, [`POST ${fake.origin}/v1/inspect {"token":"a.good.token"}`])
  t.equal(page.url(), `${fake.origin}/`)
  t.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0)
  await page.keyboard.press('Shift+Tab')
  await page.locator('#clear').focus()
  await page.keyboard.press('Enter')
  t.equal(await page.getByLabel('Token', { exact: true }).inputValue(), '')
  t.equal(await page.locator('#inspection').textContent(), '')
})
