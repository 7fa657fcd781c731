import fc from 'fast-check'
import { ConfigError } from '../../lib/config-error.js'
import { parseOptions, parseSettings, settingsSchema } from '../../lib/config.js'
import { parseStoreUrl } from '../../lib/store-url.js'
import { parseTargetUrl, TARGET_URL_RULE } from '../../lib/proxy/target-url.js'
import { hold, same, search, type Search } from './search.js'

/** Stands in each text that is given, and so must stand in no message. */
const CANARY = 'c4n4ry'

const text = fc
  .tuple(
    fc.constantFrom('', 'http://', 'postgres://u:', 'redis://:', 'sqlite:', '10.0.0.0/', '\0', '{'),
    fc.constantFrom(CANARY, `${CANARY}@host/db`, CANARY.repeat(8), `${CANARY}\ud800`, `${CANARY} `),
    fc.constantFrom('', '?sslmode=x', ':99999', '#', '%', '/*', '/'),
  )
  .map((parts) => parts.join(''))
const scalar = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, undefined, true, 0, -1, 1, 1.5, 8080, Infinity, NaN, 2 ** 53, ''),
  fc.constantFrom<unknown>(10n, Symbol('s'), () => CANARY, new Date(0), new Map(), /x/),
  fc.constantFrom<unknown>('http://127.0.0.1:9', 'memory:', 'none', '/a', 'GET', '::1', 'required'),
  fc.uint8Array({ minLength: 31, maxLength: 33 }),
)

/** The names of options, with those of the groups below them, as the schema has them. */
const namesOf = (schema: unknown, depth = 0): string[] => {
  if (typeof schema !== 'object' || schema === null || depth > 8) return []
  const { shape, def } = schema as { shape?: object; def?: Record<string, unknown> }
  const own = shape
    ? [...Object.keys(shape), ...Object.values(shape).flatMap((one) => namesOf(one, depth + 1))]
    : []
  const inner = ['innerType', 'element', 'in', 'out'].flatMap((key) =>
    namesOf(def?.[key], depth + 1),
  )
  return [...own, ...inner]
}
const NAMES = [...new Set(namesOf(settingsSchema))]
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...NAMES) },
  fc.constantFrom(
    'constructor',
    '__proto__',
    'toString',
    'kid',
    'secret',
    'notAfter',
    'url',
    'weight',
  ),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 4 }),
  ),
})).any
const GOOD = { jwtSecret: 'x'.repeat(32), upstream: 'http://127.0.0.1:9' }
const options = fc.oneof(
  value,
  fc.dictionary(name, value, { maxKeys: 4 }).map((some) => ({ ...GOOD, ...some })),
)

const isCarried = (message: string): boolean => message.includes(CANARY)

export const searches: readonly Search[] = [
  search('options', options, ['taken', 'refused'], (given) => {
    try {
      parseOptions(given)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      hold(!isCarried(`${error.message} ${error.stack}`), error.message)
      hold(error.problems.length > 0, 'no problem')
      for (const { option, detail } of error.problems) hold(option !== '' && detail !== '', 'words')
      same(Object.keys(Object.prototype), [], 'the prototype')
      return 'refused'
    }
    return 'taken'
  }),
  search('settings', options, ['refused'], (given) => {
    try {
      parseSettings(given)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      hold(!isCarried(error.message), error.message)
      return 'refused'
    }
    return 'taken'
  }),
  search(
    'store-url',
    fc
      .array(
        fc.constantFrom(
          'postgres:',
          'POSTGRESQL:',
          'redis:',
          'rediss:',
          'sqlite:',
          'memory:',
          '//',
          '/',
          ':',
          '@',
          CANARY,
          '%',
          '%41',
          'localhost',
          '[::1]',
          '?sslmode=',
          'disable',
          'verify-full',
          '&',
          '#',
          '1',
          ' ',
        ),
        { maxLength: 9 },
      )
      .chain((parts) =>
        fc
          .constantFrom('', '', 'memory:', 'sqlite:', 'postgres://localhost/', 'redis://localhost')
          .map((start) => start + parts.slice(0, start ? 3 : 9).join('')),
      ),
    ['memory', 'sqlite', 'postgres', 'redis', 'refused'],
    (url) => {
      const store = parseStoreUrl(url)
      if (typeof store === 'string') {
        hold(!isCarried(store), store)
        return 'refused'
      }
      // What is sent in the clear is only what says so, or stays on this machine.
      if (store.kind === 'postgres' && !store.isSecure)
        hold(/sslmode=disable|localhost|\[::1\]/i.test(url), url)
      if (store.kind === 'redis') same(store.isSecure, /^rediss:/i.test(url), url)
      return store.kind
    },
  ),
  search(
    'target-url',
    fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc
        .array(
          fc.constantFrom(
            'http:',
            'https:',
            'HTTP:',
            'unix:',
            'ftp:',
            '//',
            '/',
            '\\',
            '@',
            ':',
            ':80',
            ':0',
            ':65536',
            'host',
            '[::1]',
            '1.2.3.4',
            '0x7f.1',
            CANARY,
            '?',
            '#',
            '..',
            '%2e',
            '\n',
            '\t',
            'é',
          ),
          { maxLength: 8 },
        )
        .map((parts) => parts.join('')),
    ),
    ['taken', 'refused'],
    (url) => {
      try {
        const { protocol, connect, authority, basePath } = parseTargetUrl(url)
        hold(/^[\x21-\x7e]+$/.test(authority) && !/[@/?#\\]/.test(authority), authority)
        hold(/^$|^\/[\x21-\x7e]*[^/]$/.test(basePath), basePath)
        hold('path' in connect || (connect.port > 0 && connect.port < 65_536), url)
        hold('path' in connect || new URL(`${protocol}//${authority}/`).host === authority, url)
        return 'taken'
      } catch (error) {
        hold(error instanceof RangeError && error.message === TARGET_URL_RULE, String(error))
        return 'refused'
      }
    },
  ),
]
