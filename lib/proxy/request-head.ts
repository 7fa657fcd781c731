export interface RequestHeadOptions {
  method: string
  /** The path and query, as the target receives them. */
  path: string
  /** Names and values in turn. */
  headers: readonly string[]
  /** Whether the connection is not used again. */
  isFresh: boolean
}

/**
 * The header section of a request (RFC 9112 Section 3), to be sent as Latin-1.
 * @throws an error with the code `invalid_request` for what would be read as something else
 */
export const requestHead = ({ method, path, headers, isFresh }: RequestHeadOptions): string => {
  let lines = ''
  let names = ''
  let values = ''
  let hasConnection = false
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string // pairs
    const value = headers[i + 1] as string
    lines += `${name}: ${value}\r\n`
    names += name
    values += value
    if (name === 'Connection') hasConnection = true
  }
  if (!hasConnection) lines += isFresh ? 'Connection: close\r\n' : 'Connection: keep-alive\r\n'
  if (!TOKEN.test(method) || !TARGET.test(path) || NO_TOKEN.test(names) || CONTROL.test(values))
    throw Object.assign(new Error('no request'), { code: 'invalid_request' })
  return `${method} ${path} HTTP/1.1\r\n${lines}\r\n`
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const NO_TOKEN = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/
const TARGET = /^[\x21-\x7e\x80-\xff]+$/
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/
