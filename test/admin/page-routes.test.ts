import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { Snapshot as Read } from '../../lib/admin/page/contract.js'
import { createPage } from '../../lib/admin/page.js'
import type { Snapshot as Told } from '../../lib/admin/snapshot.js'
import { serve } from '../support/entrance.js'

const FOLDER = new URL('../../lib/admin/page/', import.meta.url)
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

t.test('the page is served as it is, with a policy that lets nothing else run', async (t) => {
  const { port } = await serve(t, createPage())
  const names = readdirSync(FOLDER).filter((name) => /(?<!\.d)\.(html|css|js|svg)$/.test(name))
  t.ok(names.length > 20, 'all of it is seen')
  for (const name of names) {
    const path = name === 'page.html' ? '/' : `/page/${name}`
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    t.equal(response.status, 200, name)
    t.equal(await response.text(), readFileSync(new URL(name, FOLDER), 'utf8'), name)
    t.match(Object.fromEntries(response.headers), {
      'content-type': TYPES[name.split('.').at(-1) ?? ''],
      'content-security-policy': CSP,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    })
    t.equal((await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })).status, 200)
    t.equal((await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })).status, 405)
  }
})

t.test('what the page is made with is not served, nor anything beside it', async (t) => {
  const { port } = await serve(t, createPage())
  for (const path of [
    '/page/page.html',
    '/page/tsconfig.json',
    '/page/contract.d.ts',
    '/page/',
    '/page',
    '/page/../page.ts',
    '/page/%2e%2e/health.ts',
  ])
    t.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 404, path)
})

t.test('nothing of the page makes markup of a text, runs text, or is inline', (t) => {
  for (const name of readdirSync(FOLDER)) {
    const text = readFileSync(new URL(name, FOLDER), 'utf8')
    t.notMatch(
      text,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(/,
      name,
    )
    t.notMatch(text, /sessionStorage|document\.cookie|indexedDB|console\./, name)
    t.notMatch(text, /https?:\/\/(?!www\.w3\.org\/2000\/svg)/, `${name} names no other machine`)
    if (name.endsWith('.html')) t.notMatch(text, /\sstyle=|\son\w+=|<style|<script(?! [^>]*src=)/)
  }
  t.end()
})

t.test('the page reads what the gateway tells', (t) => {
  const told: Told[] = []
  const read: Read[] = told // held by the compiler
  t.same(read, [])
  t.end()
})
