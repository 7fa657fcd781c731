import { createHexIds } from '../http/random-ids.js'
import type { Trace } from '../http/trace.js'
import { pushTraceContext, SAMPLED, type TraceContext } from './trace-context.js'

export interface PlainTracesOptions {
  /** Whether a request that belongs to no trace begins one. */
  start: boolean
  /** How many in a hundred of those are marked as sampled. */
  sampledPercent: number
}

/** Traces that nobody records here: fields for the service behind, ids for the log, and no more. */
export const createPlainTraces = ({
  start,
  sampledPercent,
}: PlainTracesOptions): ((parent: TraceContext | undefined) => Trace) => {
  const newTraceId = createHexIds(16)
  const newSpanId = createHexIds(8)
  const threshold = (1 - sampledPercent / 100) * 2 ** 32
  // By the id, so that whoever samples in the same way takes the same ones.
  const isSampled = (traceId: string): boolean =>
    threshold === 0 || parseInt(traceId.slice(-8), 16) >= threshold
  return (parent) => {
    if (parent) return new PlainTrace(parent.traceId, newSpanId(), parent.flags, parent.state)
    if (!start) return NO_TRACE
    const traceId = newTraceId()
    return new PlainTrace(traceId, newSpanId(), isSampled(traceId) ? SAMPLED : 0, '')
  }
}

const ignore = (): void => {}

const NO_TRACE: Trace = {
  traceId: undefined,
  spanId: undefined,
  tried: ignore,
  pushFields: ignore,
  answered: ignore,
  failed: ignore,
  left: ignore,
  ended: ignore,
}

class PlainTrace implements Trace {
  readonly traceId: string
  readonly spanId: string
  readonly #flags: number
  readonly #state: string

  constructor(traceId: string, spanId: string, flags: number, state: string) {
    this.traceId = traceId
    this.spanId = spanId
    this.#flags = flags
    this.#state = state
  }

  pushFields(out: string[]): void {
    pushTraceContext(out, this.traceId, this.spanId, this.#flags, this.#state)
  }

  tried(): void {}
  answered(): void {}
  failed(): void {}
  left(): void {}
  ended(): void {}
}
