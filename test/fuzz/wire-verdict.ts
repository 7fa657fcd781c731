import { readAnswers, readRequests, valuesIn, type Message } from './wire-reader.js'
import type { Arrived, Heard } from './wire-scene.js'

/** Statuses that are the gateway's own word on the client, and never on itself. */
const ALLOWED_5XX: ReadonlySet<number> = new Set([501, 505])

const wordsOf = ({ start }: Message): string[] => start.split(/ +/)

const notesOf = (message: Message): string => valuesIn(message, 'x-note').join('\n')

/** Whether the service got what the client meant: its line, content, user and further fields. */
const isMeant = ({ user, message }: Arrived, meant: Message): boolean => {
  const [method, target = ''] = wordsOf(meant)
  const [ownMethod, path] = wordsOf(message)
  const [token = ''] = valuesIn(meant, 'authorization').map((value) => value.split('.')[1] ?? '')
  const isNoteNominated = /x[^a-z0-9]note/i.test(valuesIn(meant, 'connection').join())
  return (
    method === ownMethod &&
    target.replace(/^https?:\/\/[^/]*/i, '') === `/v1/proxy${path}` &&
    message.body === meant.body &&
    Buffer.from(token, 'base64url').includes(`"sub":"${user}"`) &&
    (isNoteNominated || notesOf(message) === notesOf(meant))
  )
}

/** What is wrong with how one connection went; `undefined` if nothing is. */
export const judge = (
  sent: string,
  { text, isHung }: Heard,
  arrived: readonly Arrived[],
  isRefused: boolean,
): string | undefined => {
  if (isHung) return 'the gateway neither answers nor closes'
  const meant = readRequests(sent)
  let at = 0
  for (const one of arrived) {
    const found = meant.messages.findIndex((message, i) => i >= at && isMeant(one, message))
    if (found < 0)
      return `the service got what nobody meant: ${one.message.start} ${JSON.stringify(one.message.body)}`
    at = found + 1
  }
  const methods = meant.messages.map((message) => wordsOf(message)[0] ?? '')
  const heard = readAnswers(text, methods, true)
  if (heard.fault) return `the client hears no HTTP: ${heard.fault}`
  const answers = heard.messages.filter(({ start }) => !/ 1(?!01)\d\d /.test(start))
  if (answers.length > meant.messages.length + 1)
    return `${answers.length} answers to ${meant.messages.length} requests`
  for (const { start, body } of answers) {
    const status = Number(wordsOf({ start } as Message)[1])
    if (status >= 500 && !ALLOWED_5XX.has(status)) return `${start}: ${body}`
  }
  const serials = answers.flatMap((answer) => valuesIn(answer, 'x-serial').map(Number))
  const own = arrived.map(({ serial }) => serial)
  if (serials.some((serial, i) => serial !== own[i]))
    return `answers ${serials.join()} of ${own.join()}`
  // Where bytes come behind that are no request, or that the gateway says it refused, the connection may
  // be cut under the last answer.
  if (serials.length < own.length && meant.rest === '' && !meant.fault && !isRefused)
    return `only ${serials.length} answers of ${own.length}`
  return undefined
}

/** Whether all that can come has: nothing better is known than to count. */
export const isAnswered = (sent: string): ((text: string) => boolean) => {
  const { messages } = readRequests(sent)
  const methods = messages.map((message) => wordsOf(message)[0] ?? '')
  return (text) => {
    const heard = readAnswers(text, methods, false).messages
    return (
      messages.length > 0 &&
      heard.filter(({ start }) => !/ 1(?!01)\d\d /.test(start)).length >= messages.length
    )
  }
}
