// The load where there is no wrk: one client in a process of its own.
import { closeSync, openSync, readSync } from 'node:fs'
import { closedLoop, requestText } from './closed-loop.mjs'

process.on('disconnect', () => process.exit())

const load = async ({ port, request, connections, seconds, status }) => {
  const { next, used, close } = textsOf(request)
  const run = await closedLoop({ port, connections, seconds }, () => ({ text: next(), status }))
  close()
  process.send({ ...run, used: used() })
}
process.on('message', (settings) => void load(settings))

const textsOf = ({ method = 'GET', path, token, tokens, bodyBytes = 0 }) => {
  let used = 0
  const fieldsOf = (one) => (one ? { Authorization: `Bearer ${one}` } : {})
  const body = 'x'.repeat(bodyBytes)
  const textOf = (one) => requestText(method, path, { headers: fieldsOf(one), body })
  if (!tokens) {
    const text = textOf(token)
    return { next: () => text, used: () => 0, close: () => {} }
  }
  const file = openSync(tokens.file, 'r')
  const bytes = Buffer.alloc(tokens.length)
  return {
    next: () => {
      readSync(file, bytes, 0, bytes.length, (tokens.from + used++) * (tokens.length + 1))
      return textOf(bytes.latin1Slice())
    },
    used: () => used,
    close: () => closeSync(file),
  }
}
