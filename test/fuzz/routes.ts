import fc from 'fast-check'
import { createRouter } from '../../lib/http/router.js'
import { parseTarget } from '../../lib/http/target.js'
import { hold, same, search, type Search } from './search.js'

const handler = (): void => {}

const ROUTES = ['', '/a', '/a/b', '/open', '/o']

// As the gateway has them: a path and all below it have the same rules.
const patternsOf = (route: string): string[] =>
  route === '' ? ['/p/*'] : [`/p${route}`, `/p${route}/*`]

// What paths are made of: route names, and all that two servers could read in two ways.
const piece = fc.constantFrom(
  'p',
  'a',
  'b',
  'open',
  'o',
  'P',
  'A',
  'x',
  '/',
  '/',
  '/',
  '//',
  ';',
  ';x',
  ';x=/',
  '.',
  '..',
  ' ',
  '%20',
  '%61',
  '%41',
  '%2561',
  '%252561',
  '%2f',
  '%252f',
  '%25252f',
  '%5c',
  '%255c',
  '\\',
  '%3b',
  '%253b',
  '%2e',
  '%252e',
  '%3f',
  '%253f',
  '%23',
  '%2523',
  '%',
  '%00',
  '%2500',
  '%c0%af',
  '%09',
  '%2509',
  '%25',
  '?',
  '#',
  '~',
  '%7e',
  '%c3%a9',
  '%u0061',
)
const path = fc
  .tuple(fc.constantFrom('/', '/p/', '/p/a/', '/p/open/', '/P/'), fc.array(piece, { maxLength: 7 }))
  .map(([start, pieces]) => start + pieces.join(''))

const nearest = (routes: readonly string[], asked: string): string | undefined =>
  routes
    .filter((route) => (route !== '' && asked === `/p${route}`) || asked.startsWith(`/p${route}/`))
    .toSorted((one, other) => other.length - one.length)[0]

const decode = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
const dotless = (text: string): string => new URL(`http://a${text}`).pathname

// What services do to a path, each as often as it is there, in whatever order.
const STEPS: ReadonlyArray<(text: string) => string> = [
  decode,
  decode,
  (text) => text.toLowerCase(),
  (text) => text.replace(/\/{2,}/g, '/'),
  (text) => text.replace(/;[^/]*/g, ''),
  (text) => text.replaceAll('\\', '/'),
  (text) => text.replace(/[?#][^]*/, ''),
  (text) => text.replace(/[. ]+(?=\/|$)/g, ''),
  (text) => dotless(text.replace(/[^\x21-\x7e]|[?#]/g, encodeURIComponent)),
]

/** The readings of a path by services that do some of this, in every order of two and more. */
const readings = (asked: string): ReadonlySet<string> => {
  const known = new Map<string, number>([[`${asked}`, 0]])
  const all = new Set([asked])
  let last = [{ text: asked, used: 0 }]
  while (last.length > 0) {
    const next: typeof last = []
    for (const { text, used } of last)
      STEPS.forEach((step, i) => {
        if (used & (1 << i)) return
        const read = step(text)
        const mask = used | (1 << i)
        if (read === text || known.has(`${mask} ${read}`)) return
        known.set(`${mask} ${read}`, mask)
        all.add(read)
        next.push({ text: read, used: mask })
      })
    last = next
  }
  return all
}

export const searches: readonly Search[] = [
  search(
    'router',
    fc.tuple(fc.subarray(ROUTES, { minLength: 1 }), path),
    ['routed', 'ambiguous', 'no route', 'no target'],
    ([routes, asked]) => {
      const patterns = routes.flatMap(patternsOf)
      const find = createRouter(patterns.map((pattern) => ({ pattern, methods: handler })))
      if (parseTarget(asked, undefined)?.path !== asked) return 'no target'
      const match = find('GET', asked)
      const route = nearest(routes, asked)
      same(match?.pattern.replace(/^\/p|\/\*$/g, ''), route, asked)
      if (!match) return 'no route'
      if ('isAmbiguous' in match) return 'ambiguous'
      // There is nothing beside the one route of everything.
      if (routes.join() === '') return 'routed'
      for (const reading of readings(asked))
        same(nearest(routes, reading), route, `${asked} read as ${reading}`)
      return 'routed'
    },
  ),
  search(
    'target',
    fc.tuple(
      fc.constantFrom('', '', 'http://a', 'HTTPS://A', 'http://b', '//a'),
      path,
      fc.webQueryParameters(),
    ),
    ['taken', 'refused'],
    ([authority, asked, query]) => {
      const target = parseTarget(`${authority}${asked}?${query}`, 'a')
      if (!target) return 'refused'
      hold(/^$|^https?:..a$/i.test(authority) || authority === '//a', 'another authority')
      // A service that reads URLs as browsers do reads this path, and stays on its host.
      const url = new URL(`http://service${target.path}${target.query}`)
      const asBrowsersWrite = target.path.replace(/["<>^`{}]/g, encodeURIComponent)
      same([url.host, url.pathname], ['service', asBrowsersWrite], 'as browsers read it')
      hold(target.query === '' || target.query.startsWith('?'), 'the query')
      hold(`${authority}${asked}?${query}`.endsWith(target.path + target.query), 'byte for byte')
      return 'taken'
    },
  ),
]
