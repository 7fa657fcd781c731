import { UsageError } from './command-line.js'
import type { CommandIo } from './command.js'

/** @throws UsageError, which repeats nothing, when one of the arguments holds a token */
export const refuseTokenAmong = (args: readonly string[]): void => {
  if (args.some((arg) => TOKEN.test(arg)))
    throw new UsageError([
      'token explain: a token is never an argument, which others can see and shells remember; give it on standard input',
    ])
}

// The base64url of `{"alg":"HS256"}`, or of more, with white space or without; then a dot.
const TOKEN = /e(?:y[AJ]|w[0ko])[\w-]{17,}\./

/**
 * Reads a token from standard input, white space around it and `Bearer` before it taken off. Of what is
 * too long for any token only as much is read as shows that.
 * @throws UsageError when there is none
 */
export const readToken = async ({ stdin, stderr }: CommandIo): Promise<string> => {
  if (stdin.isTTY) stderr.write('the token, then Enter and Ctrl-D:\n')
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stdin) {
      chunks.push(Buffer.from(chunk))
      bytes += chunk.length
      if (bytes > LIMIT_BYTES) break
    }
  } catch (error) {
    throw new UsageError([
      `token explain: standard input cannot be read (${(error as NodeJS.ErrnoException).code})`,
    ])
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (bytes > LIMIT_BYTES) return text
  const token = text.trim().replace(/^bearer(?:\s+|$)/i, '')
  if (token === '') throw new UsageError(['token explain: there is no token on standard input'])
  return token
}

// Far more than the gateway looks at.
const LIMIT_BYTES = 65_536
