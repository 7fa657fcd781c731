// What tests of the status page do with a browser.
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { until } from './until.js'

type AxeCore = typeof axe

export interface StatusPage {
  page: Page
  /** What went wrong in it, by what the browser says. */
  complaints: string[]
  /** Each request: method, URL, and body. */
  requests: string[]
  /** Resolves when the first element that a selector finds has a text. */
  shows: (selector: string, text: string | RegExp) => Promise<void>
}

/** Opens the page in a context of its own. A request to any other place is cut, and fails the test. */
export const openStatusPage = async (
  t: Test,
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<StatusPage> => {
  const context = await browser.newContext(options)
  t.teardown(() => context.close())
  const complaints: string[] = []
  const requests: string[] = []
  await context.route('**/*', (route) => {
    const request = route.request()
    requests.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`.trim())
    if (new URL(request.url()).origin === origin) return route.continue()
    t.fail(`a request to elsewhere: ${request.url()}`)
    return route.abort()
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(origin)
  return {
    page,
    complaints,
    requests,
    shows: async (selector, text) => {
      const found = page.locator(selector).first()
      let last: string | null = null
      const isShown = async (): Promise<boolean> => {
        last = await found.textContent()
        return typeof text === 'string' ? last === text : text.test(last ?? '')
      }
      await until(`${selector} shows ${String(text)}`, isShown).catch((error: unknown) => {
        throw new Error(`${String(error)}, but ${String(last)}`)
      })
    },
  }
}

/** What axe-core finds in a page: each rule with the elements that break it. */
export const violationsIn = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: AxeCore }
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`,
    )
  })
}

/** How much wider a page is than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
