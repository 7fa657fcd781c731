/**
 * Texts by number, outside of the heap: a garbage collection looks neither at them nor, as objects would
 * have it, at the pages that they fill. Takes numbers below 2^48, and texts of well-formed Unicode of less
 * than 64 KiB in UTF-8. The bytes of what is replaced or deleted are used again once they are half of
 * their slab.
 */
export class PackedTexts {
  readonly #slabs = new Map<number, Slab>()
  // Of small integers: objects, or texts, would fill pages of the heap again.
  readonly #places = new Map<number, number>()
  #current: Slab = new Slab(0, 0)

  /** Those that have a text, in the order in which they first had one. */
  numbers(): Iterable<number> {
    return this.#places.keys()
  }

  get(number: number): string | undefined {
    const place = this.#places.get(number)
    return place === undefined ? undefined : this.#slabAt(place).textAt(offsetOf(place))
  }

  /** @throws RangeError for a text that is too long */
  set(number: number, text: string): void {
    const bytes = Buffer.byteLength(text)
    if (bytes > MOST_BYTES) throw new RangeError('a text is too long to be packed')
    this.#makeRoom(bytes) // which may move the text that is replaced
    const before = this.#places.get(number)
    this.#append(number, text, bytes)
    if (before !== undefined) this.#giveUp(before)
  }

  delete(number: number): void {
    const place = this.#places.get(number)
    if (!this.#places.delete(number)) return
    this.#giveUp(place as number) // it was there
  }

  #append(number: number, text: string, bytes: number): void {
    this.#places.set(number, placeOf(this.#current, this.#current.append(number, text, bytes)))
  }

  #makeRoom(bytes: number): void {
    const full = this.#current
    if (full.hasRoomFor(bytes)) return
    this.#current = new Slab(full.number + 1, SLAB_BYTES)
    this.#slabs.set(this.#current.number, this.#current)
    this.#clear(full)
  }

  #giveUp(place: number): void {
    const slab = this.#slabAt(place)
    slab.giveUp(offsetOf(place))
    this.#clear(slab)
  }

  /** Moves what is left of a slab that is less than half used to the current one. */
  #clear(slab: Slab): void {
    if (slab === this.#current || slab.isHalfUsed()) return
    this.#slabs.delete(slab.number)
    for (const { number, offset, bytes } of slab.records()) {
      if (this.#places.get(number) !== placeOf(slab, offset)) continue
      this.#makeRoom(bytes)
      this.#append(number, slab.textAt(offset), bytes)
    }
  }

  /** Where there is a text, there is a slab. */
  #slabAt(place: number): Slab {
    return this.#slabs.get(Math.floor(place / SLAB_UNITS)) as Slab
  }
}

const SLAB_BYTES = 262_144
// Before each text its number, in six bytes, and its length in two; behind it up to a whole unit.
const HEADER_BYTES = 8
const UNIT_BYTES = 8
const SLAB_UNITS = SLAB_BYTES / UNIT_BYTES
const MOST_BYTES = 65_535

/** In units, so that 16 GiB have places that are small integers. */
const placeOf = (slab: Slab, offset: number): number =>
  slab.number * SLAB_UNITS + offset / UNIT_BYTES

const offsetOf = (place: number): number => (place % SLAB_UNITS) * UNIT_BYTES

/** What a text of so many bytes takes. */
const sizeOf = (bytes: number): number =>
  Math.ceil((HEADER_BYTES + bytes) / UNIT_BYTES) * UNIT_BYTES

class Slab {
  readonly number: number
  readonly #bytes: Buffer
  #writtenBytes = 0
  #usedBytes = 0

  constructor(number: number, limitBytes: number) {
    this.number = number
    this.#bytes = Buffer.allocUnsafeSlow(limitBytes)
  }

  hasRoomFor(bytes: number): boolean {
    return this.#writtenBytes + sizeOf(bytes) <= this.#bytes.length
  }

  /** Where it stands then. */
  append(number: number, text: string, bytes: number): number {
    const offset = this.#writtenBytes
    this.#bytes.writeUIntBE(number, offset, 6)
    this.#bytes.writeUInt16BE(bytes, offset + 6)
    this.#bytes.write(text, offset + HEADER_BYTES)
    this.#writtenBytes += sizeOf(bytes)
    this.#usedBytes += sizeOf(bytes)
    return offset
  }

  textAt(offset: number): string {
    const start = offset + HEADER_BYTES
    return this.#bytes.toString('utf8', start, start + this.#lengthAt(offset))
  }

  giveUp(offset: number): void {
    this.#usedBytes -= sizeOf(this.#lengthAt(offset))
  }

  isHalfUsed(): boolean {
    return this.#usedBytes * 2 >= this.#writtenBytes
  }

  /** All that was written, also what was given up. */
  *records(): Iterable<{ number: number; offset: number; bytes: number }> {
    for (let offset = 0; offset < this.#writtenBytes;) {
      const bytes = this.#lengthAt(offset)
      yield { number: this.#bytes.readUIntBE(offset, 6), offset, bytes }
      offset += sizeOf(bytes)
    }
  }

  #lengthAt(offset: number): number {
    return this.#bytes.readUInt16BE(offset + 6)
  }
}
