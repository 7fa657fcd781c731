import { hash, randomBytes } from 'node:crypto'

export interface NumberIndexOptions {
  /** The text of a number; of one that was taken out, anything that it is not sought by. */
  textOf: (number: number) => string | undefined
  /** A number of 32 bits for each text. Default: a salted one. */
  hashOf?: (text: string) => number
}

/**
 * Numbers, from 1 on, by texts that stand elsewhere: a map of small integers, which takes a garbage
 * collection no longer than an empty one. Texts of one hash lie behind one another.
 */
export class NumberIndex {
  readonly #numbers = new Map<number, number>()
  readonly #textOf: NumberIndexOptions['textOf']
  readonly #hashOf: (text: string) => number

  constructor({ textOf, hashOf = createSaltedHash() }: NumberIndexOptions) {
    this.#textOf = textOf
    this.#hashOf = hashOf
  }

  find(text: string): number | undefined {
    return this.#numbers.get(this.#placeOf(text))
  }

  /** Adds a text that is not in it. */
  add(text: string, number: number): void {
    let place = this.#hashOf(text)
    while (this.#numbers.get(place)) place = behind(place)
    this.#numbers.set(place, number)
  }

  /** Takes out a text that is in it, and is still that of its number. */
  remove(text: string): void {
    const place = this.#placeOf(text)
    // What lies behind is sought from before it on.
    if (this.#numbers.has(behind(place))) this.#numbers.set(place, NONE)
    else this.#numbers.delete(place)
  }

  /** Where a text lies, or the end of those where it could. */
  #placeOf(text: string): number {
    let place = this.#hashOf(text)
    for (;;) {
      const number = this.#numbers.get(place)
      if (number === undefined || (number !== NONE && this.#textOf(number) === text)) return place
      place = behind(place)
    }
  }
}

/** A hash of 32 bits. Who could foresee it could choose e-mails that make each search a long one. */
export const createSaltedHash = (): ((text: string) => number) => {
  const salt = randomBytes(16).toString('base64')
  return (text) => parseInt(hash('sha256', salt + text).slice(0, 8), 16) | 0
}

const NONE = 0

const behind = (place: number): number => place + 1
