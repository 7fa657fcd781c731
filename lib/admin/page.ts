import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { send } from '../http/respond.js'
import type { Handler, Route } from '../http/router.js'

/**
 * The status page: `GET /`, and what it consists of below `/page/`. It holds nothing of the gateway's:
 * whatever it shows it asks for, with the token of operators where there is one.
 */
export const createPage = (): Route[] =>
  readdirSync(FOLDER).flatMap((name): Route[] => {
    const contentType = TYPES.get(extname(name))
    if (contentType === undefined) return []
    const body = readFileSync(new URL(name, FOLDER), 'utf8')
    const GET: Handler = (exchange) =>
      send(exchange, { status: 200, contentType, body, cacheControl: 'no-cache', headers: HEADERS })
    return [{ pattern: name === 'page.html' ? '/' : `/page/${name}`, methods: { GET } }]
  })

const FOLDER = new URL('./page/', import.meta.url)

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
])

// Scripts and styles of its own files alone: a reason or an id that is markup would run nothing.
const HEADERS = [
  'Content-Security-Policy',
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy',
  'no-referrer',
]
