import type { Socket } from 'node:net'

/** The body of a request on its way to a target: it is written to the connection in its framing. */
export class RequestBody {
  readonly #socket: Socket
  readonly #isChunked: boolean
  /** The pieces that were written since it began, until it departs. */
  #joining: Buffer[] | undefined
  #isEnded = false
  #isTaken = false
  /** Told when all has departed. */
  #atEnd: (() => void) | undefined
  #trailers = ''

  constructor(socket: Socket, isChunked: boolean) {
    this.#socket = socket
    this.#isChunked = isChunked
  }

  /** Whether the last byte of the request was taken by the system. */
  get isSent(): boolean {
    return this.#isTaken
  }

  /** The pieces that wait to depart with the head. */
  get joining(): readonly Buffer[] {
    return this.#joining ?? []
  }

  /** How many bytes wait to be taken by the system. */
  get writableLength(): number {
    return this.#socket.writableLength
  }

  on(event: 'drain', listener: () => void): this {
    this.#socket.on(event, listener)
    return this
  }

  off(event: 'drain', listener: () => void): this {
    this.#socket.off(event, listener)
    return this
  }

  /** Writes the head of the request, which departs in one write with what is here of its body. */
  begin(head: string): void {
    this.#joining = []
    this.#socket.cork()
    this.#socket.write(head, 'latin1')
  }

  /** Lets go what was written since it began. */
  depart(): void {
    this.#joining = undefined
    this.#socket.uncork()
    if (this.#atEnd) this.#tell(this.#atEnd)
  }

  /** Gives whether more may be written at once; calls `taken` when the system took it. */
  write(piece: Buffer, taken?: () => void): boolean {
    if (this.#isEnded || piece.length === 0) return true
    this.#joining?.push(piece)
    const socket = this.#socket
    if (!this.#isChunked) return socket.write(piece, taken) || this.#hasRoom()
    socket.cork()
    socket.write(`${piece.length.toString(16)}\r\n`, 'latin1')
    socket.write(piece)
    const wantsMore = socket.write('\r\n', 'latin1', taken)
    socket.uncork()
    return wantsMore || this.#hasRoom()
  }

  /** Names and values, for the end of a chunked body. */
  addTrailers(trailers: ReadonlyArray<readonly [string, string]>): void {
    for (const [name, value] of trailers) this.#trailers += `${name}: ${value}\r\n`
  }

  /** Ends the request; calls `sent` when the system took all of it. */
  end(sent: () => void): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const taken = (error?: Error | null): void => {
      if (error) return // it shows in the close of the connection
      this.#isTaken = true
      sent()
    }
    if (this.#isChunked) this.#socket.write(`0\r\n${this.#trailers}\r\n`, 'latin1', taken)
    else if (this.#joining) this.#atEnd = taken
    else this.#tell(taken)
  }

  /** Whether more can wait to depart with what is here: fewer and larger writes cost less. */
  #hasRoom(): boolean {
    return this.#joining !== undefined && this.#socket.writableLength < MOST_JOINED_BYTES
  }

  #tell(taken: () => void): void {
    if (this.#socket.writableLength > 0) this.#socket.write('', taken)
    else if (this.#socket.writable) taken()
  }
}

const MOST_JOINED_BYTES = 131_072
