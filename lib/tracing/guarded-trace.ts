import type { RequestOutcome, Trace, TraceTarget } from '../http/trace.js'

/**
 * The trace of a request whatever is thrown there: what records it is of the program, and no request may fail
 * by it. Says so once.
 */
export class GuardedTrace implements Trace {
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly #trace: Trace
  readonly #onError: (error: unknown) => void
  #hasFailed = false

  constructor(trace: Trace, onError: (error: unknown) => void) {
    this.traceId = trace.traceId
    this.spanId = trace.spanId
    this.#trace = trace
    this.#onError = onError
  }

  tried(target: TraceTarget): void {
    this.#guard(() => this.#trace.tried(target))
  }

  pushFields(out: string[]): void {
    this.#guard(() => this.#trace.pushFields(out))
  }

  answered(status: number): void {
    this.#guard(() => this.#trace.answered(status))
  }

  failed(cause: string): void {
    this.#guard(() => this.#trace.failed(cause))
  }

  left(): void {
    this.#guard(() => this.#trace.left())
  }

  ended(outcome: RequestOutcome): void {
    this.#guard(() => this.#trace.ended(outcome))
  }

  #guard(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      if (!this.#hasFailed) this.#onError(error)
      this.#hasFailed = true
    }
  }
}
