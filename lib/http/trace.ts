import type { IncomingMessage } from 'node:http'
import type { Client } from './client-address.js'

/** Where a request is sent. */
export interface TraceTarget {
  readonly connect: { host: string; port: number } | { path: string }
}

/** How a request ended. */
export interface RequestOutcome {
  /** The pattern that matched; `-` when none did. */
  route: string
  /** 0 where there was no answer. */
  status: number
  aborted: boolean
  /** Why it was refused, or broke off. */
  reason?: string
}

/** The trace that a request belongs to (W3C Trace Context), and what is told of the request there. */
export interface Trace {
  /** 32 hexadecimal digits; `undefined` where the request belongs to none. */
  readonly traceId: string | undefined
  /** The gateway's own part of it, 16 hexadecimal digits. */
  readonly spanId: string | undefined
  /** The request is being sent to a target; whatever is told then is of this try. */
  tried(target: TraceTarget): void
  /** Appends the fields by which that target continues the trace. */
  pushFields(out: string[]): void
  answered(status: number): void
  /** `cause` is safe to log. */
  failed(cause: string): void
  /** Nothing more is sent or heard of the try. May be said again. */
  left(): void
  /** The request is over; said once, and nothing comes behind it. */
  ended(outcome: RequestOutcome): void
}

/** Begins the gateway's part of a trace: one that is there already, or a new one. */
export type BeginTrace = (request: IncomingMessage, client: Client) => Trace
