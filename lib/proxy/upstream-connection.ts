import { connect as connectPlain, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as connectSecure, type ConnectionOptions } from 'node:tls'

/** Who uses a connection; each is told of it until the connection is released or closed. */
export interface ConnectionUser {
  connected(): void
  /** Bytes that are good for the time of the call; gives how many were taken. */
  received(bytes: Buffer): number
  /** The other side says that it sends no more; all that came was given before. */
  halfClosed(): void
  /** It was closed; `cause` is safe to log. Nothing else comes. */
  closed(cause: string): void
}

export interface ConnectionParts {
  /** Of `net.connect` or `tls.connect`. */
  connect: TcpNetConnectOpts | ConnectionOptions
  isSecure: boolean
  /**
   * Where bytes are read to: one buffer for many connections. `undefined` where the socket itself is used as
   * a stream, or speaks TLS: that goes on to decrypt when it is told to stop.
   */
  into: Buffer | undefined
  /** Told when it is closed, whoever uses it. */
  onClosed: (connection: Connection) => void
}

/** A connection to a target, which has one user at a time or none. */
export class Connection {
  readonly socket: Socket
  readonly #onClosed: (connection: Connection) => void
  #user: ConnectionUser | undefined
  #isConnected = false
  #cause = 'ECONNRESET'
  /** What was read and is not wanted yet. */
  #held: Buffer | undefined
  #isPaused = false
  /** Whether all was read that had come when it was read last. */
  #isDrained = false
  #hasEnded = false

  constructor({ connect, isSecure, into, onClosed }: ConnectionParts) {
    this.#onClosed = onClosed
    const options = into ? { ...connect, onread: this.#reading(into) } : connect
    this.socket = isSecure
      ? connectSecure(options as ConnectionOptions)
      : connectPlain(options as TcpNetConnectOpts)
    this.socket
      .setNoDelay(true) // of the options Node 20 and 22 ignore it for TLS
      // A TLS connection is one when the certificate was found good, not before.
      .once(isSecure ? 'secureConnect' : 'connect', () => {
        this.#isConnected = true
        this.#user?.connected()
      })
      .on('error', (error: NodeJS.ErrnoException) => (this.#cause = String(error.code)))
      .once('end', () => {
        this.#hasEnded = true
        this.#tellEnd()
      })
      .once('close', () => {
        this.#onClosed(this)
        if (!this.#hasEnded) this.#leave()?.closed(this.#cause)
      })
    if (into) return
    this.socket.on('data', (bytes: Buffer) => this.#take(bytes, false) || this.socket.pause())
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** Whether another request can go out on it, as far as is known. */
  get isUsable(): boolean {
    return this.socket.writable && this.socket.readable && this.socket.writableLength === 0
  }

  /** Whether bytes may be here already that were not read yet. */
  get mayHaveMore(): boolean {
    return this.#isPaused || !this.#isDrained
  }

  /** Its user from now on; `undefined` for none. */
  use(user: ConnectionUser | undefined): void {
    this.#user = user
  }

  /** Reads on after it was said that no more is wanted. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    // Later, as a stream does: who asks for more is not told of it before he has heard himself out.
    process.nextTick(() => this.#readOn())
  }

  /** Reads no more in this turn, so that the next read finds what has happened meanwhile. */
  readShortly(): void {
    this.socket.pause()
    setImmediate(() => this.#readOn())
  }

  /** Stops reading; bytes that are under way may still come. */
  pause(): void {
    this.#isPaused = true
    this.socket.pause()
  }

  /** Gives the socket away; what comes from now on is for whoever reads it. */
  detach(): Socket {
    this.#leave()
    this.socket.removeAllListeners('data').pause()
    return this.socket
  }

  destroy(): void {
    this.#leave()
    this.socket.destroy()
  }

  #leave(): ConnectionUser | undefined {
    const user = this.#user
    this.#user = undefined
    this.#held = undefined
    return user
  }

  #reading(into: Buffer): TcpNetConnectOpts['onread'] {
    return {
      buffer: into,
      callback: (bytes) => {
        this.#isDrained = bytes < into.length
        return this.#take(into.subarray(0, bytes), true)
      },
    }
  }

  /** Gives whether more is wanted; `isShared` where the bytes are good for the time of the call alone. */
  #take(bytes: Buffer, isShared: boolean): boolean {
    // Bytes that nobody has asked for would be read as the answer to the next request, another user's perhaps.
    if (!this.#user) {
      this.socket.destroy()
      return false
    }
    const taken = this.#user.received(bytes)
    if (taken === bytes.length || !this.#user) return !this.#isPaused
    const rest = bytes.subarray(taken)
    this.#held = isShared ? Buffer.from(rest) : rest
    return !this.#isPaused
  }

  #readOn(): void {
    if (this.#isPaused) return
    const held = this.#held
    this.#held = undefined
    if (held && !this.#take(held, false)) return
    this.socket.resume()
    this.#tellEnd()
  }

  // A stream that is paused says that it has ended while what came before is still held here.
  #tellEnd(): void {
    if (this.#hasEnded && !this.#isPaused && !this.#held) this.#user?.halfClosed()
  }
}
