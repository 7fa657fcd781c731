import type { Socket } from 'node:net'
import { reset } from '../http/cut.js'
import type { Deadline, Deadlines } from '../http/deadlines.js'
import { closeFrame, createFrames, type Frames } from './frames.js'
import { Pump } from './pump.js'
import { StreamSource } from './stream-source.js'

export interface TunnelOptions {
  client: Socket
  upstream: Socket
  /** Whether both speak the WebSocket protocol, so that it can be ended in its own words. */
  isWebSocket: boolean
  deadlines: Deadlines
  /** How long no byte may move, in milliseconds. */
  idleMs: number
  /** Called when a side is cut, before its `close`. */
  onCut: () => void
  /** Called once, when both sides are closed. */
  onClosed: () => void
}

/** Two connections joined: bytes go both ways, with back-pressure, each way until its sender ends it. */
export interface Tunnel {
  /**
   * Ends both sides: a WebSocket with a close frame of `code` and `reason` (RFC 6455 Section 7.4), as
   * soon as the frame that is under way is over. What is not over in a second is cut.
   */
  leave(code: number, reason: string): void
}

export const openTunnel = (options: TunnelOptions): Tunnel => {
  const { client, upstream, isWebSocket, deadlines, idleMs, onCut, onClosed } = options
  let openCount = 2
  let leaving: Deadline | undefined

  const cut = (): void => {
    onCut()
    client.destroy()
    upstream.destroy()
  }
  const idle = deadlines.start(idleMs, cut)
  const touch = (): void => idle.touch(idleMs)

  const closed = (side: Socket, other: Socket): void => {
    // One that went away without an end takes the other with it in the same way.
    if (!side.readableEnded) {
      onCut()
      reset(other)
    }
    if (--openCount > 0) return
    idle.clear()
    leaving?.clear()
    onClosed()
  }

  for (const [side, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    side.allowHalfOpen = true
    side.on('error', ignore).prependOnceListener('close', () => closed(side, other))
  }
  const ways = [
    new Way(client, upstream, touch, isWebSocket ? createFrames() : undefined, true),
    new Way(upstream, client, touch, isWebSocket ? createFrames() : undefined, false),
  ]

  return {
    leave: (code, reason) => {
      if (leaving) return
      leaving = deadlines.start(LEAVE_MS, cut)
      for (const way of ways) way.leave(code, reason)
    },
  }
}

const LEAVE_MS = 1_000
const NOTHING = Buffer.alloc(0)

const ignore = (): void => {} // it shows in the close

/** One direction of a tunnel. */
class Way {
  readonly #from: Socket
  readonly #to: Socket
  readonly #frames: Frames | undefined
  readonly #isMasked: boolean
  readonly #pump: Pump
  #goodbye: Buffer | undefined
  #isFrameOver = false

  constructor(
    from: Socket,
    to: Socket,
    touch: () => void,
    frames: Frames | undefined,
    isMasked: boolean,
  ) {
    this.#from = from
    this.#to = to
    this.#frames = frames
    this.#isMasked = isMasked
    this.#pump = new Pump(new StreamSource(from), to, {
      pass: (chunk) => this.#pass(chunk),
      moved: () => {
        touch()
        if (this.#isFrameOver) this.#end()
      },
      ended: () => to.end(),
    })
    from.resume()
  }

  leave(code: number, reason: string): void {
    this.#goodbye = this.#frames ? closeFrame(code, reason, this.#isMasked) : NOTHING
    if (this.#frames?.isBetween !== false) this.#end()
  }

  #pass(chunk: Buffer): Buffer {
    const frameEnd = this.#frames?.follow(chunk, this.#goodbye !== undefined) ?? -1
    if (!this.#goodbye || frameEnd < 0) return chunk
    this.#isFrameOver = true
    return chunk.subarray(0, frameEnd)
  }

  #end(): void {
    this.#isFrameOver = false
    this.#pump.stop()
    this.#from.resume() // what still comes is read, or the other side would see a reset
    // Behind a close frame nothing may follow.
    if (this.#goodbye && !this.#frames?.hasClosed && this.#to.writable)
      this.#to.write(this.#goodbye)
    this.#to.end()
  }
}
