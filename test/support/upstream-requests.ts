import type { LookupFunction } from 'node:net'
import { lookup } from 'node:dns'
import type { Test } from 'tap'
import type { AnswerHead } from '../../lib/proxy/answer-head.js'
import { createDeadlines } from '../../lib/http/deadlines.js'
import { Departures } from '../../lib/http/departures.js'
import { parseTargetUrl } from '../../lib/proxy/target-url.js'
import type { Target } from '../../lib/proxy/target.js'
import type { UpstreamAnswer } from '../../lib/proxy/upstream-answer.js'
import {
  createUpstreamPool,
  type TargetTls,
  type UpstreamPool,
} from '../../lib/proxy/upstream-pool.js'
import { UpstreamRequest, type UpstreamRequestOptions } from '../../lib/proxy/upstream-request.js'
import { createManualClock, type ManualClock } from './manual-clock.js'
import { until } from './until.js'

export interface TestedPool extends UpstreamPool {
  clock: ManualClock
  /** Gives room to what is due: resolves when a deadline that is due now has passed. */
  settle: () => Promise<void>
}

/** The pool of a target at `url`, which keeps connections for a minute of a manual clock. */
export const openPool = (t: Test, url: string, tls: TargetTls = {}): TestedPool => {
  const clock = createManualClock()
  const deadlines = createDeadlines(clock)
  const pool = createUpstreamPool({
    address: parseTargetUrl(url),
    keepAliveMs: 60_000,
    lookup: lookup as LookupFunction,
    tls,
    deadlines,
    departures: new Departures(),
    readBuffer: Buffer.allocUnsafe(65_536),
  })
  t.teardown(() => pool.close())
  const settle = (): Promise<void> =>
    new Promise((resolve) => void deadlines.start(0, () => resolve()))
  return { ...pool, clock, settle }
}

/** A request, and what has become of it. */
export interface TestedRequest {
  request: UpstreamRequest
  answer?: UpstreamAnswer
  body: string
  /** What happened, in order: `connected`, `continued`, statuses, `data`, `end`, or the cause of a failure. */
  happened: string[]
  /** Called with each piece. */
  onData?: (() => void) | undefined
  onEnd?: () => void
}

/** Sends a request, of the pool's target, without a body unless `framing` says so. */
export const sendTo = (
  t: Test,
  pool: UpstreamPool,
  options: Partial<UpstreamRequestOptions> = {},
  onAnswer: (answer: UpstreamAnswer, sent: TestedRequest) => void = () => {},
): TestedRequest => {
  const happened: string[] = []
  const request = new UpstreamRequest(
    {
      target: { pool } as Target, // all that it reads of it
      isFresh: false,
      method: 'GET',
      path: '/',
      headers: ['Host', 'a'],
      framing: 'none',
      ...options,
    },
    {
      connected: () => void happened.push('connected'),
      continued: () => void happened.push('continued'),
      informed: ({ statusCode }: AnswerHead) => void happened.push(String(statusCode)),
      answered: (answer) => {
        happened.push(String(answer.statusCode))
        sent.answer = answer
        answer.start({
          take: (content) => {
            if (happened.at(-1) !== 'data') happened.push('data')
            sent.body += content.toString('latin1')
            sent.onData?.()
          },
          end: () => {
            happened.push('end')
            sent.onEnd?.()
          },
        })
        onAnswer(answer, sent)
      },
      upgraded: (answer, socket, head) => {
        t.teardown(() => void socket.destroy())
        happened.push(String(answer.statusCode), head.toString('latin1'))
      },
      failed: (cause) => void happened.push(cause),
    },
  )
  const sent: TestedRequest = { request, body: '', happened }
  t.teardown(() => request.abandon())
  request.begin()
  return sent
}

/** Resolves when the last thing that happened is this. */
export const happens = (sent: TestedRequest, last: string): Promise<void> =>
  until(`${last} after ${sent.happened.join()}`, () => sent.happened.at(-1) === last)
