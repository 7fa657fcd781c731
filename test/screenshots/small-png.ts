// Makes a PNG small: 256 colours are enough for a page, and an eighth of the bytes.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

/** @param png of 8 bits, RGB or RGBA, not interlaced, as a browser makes it */
export const smallPng = (png: Buffer): Buffer => {
  const { width, height, pixels } = decode(png)
  const palette = paletteOf(pixels)
  const indexOf = new Map(palette.map((colour, index) => [colour, index]))
  const nearest = (colour: number): number => {
    const known = indexOf.get(colour)
    if (known !== undefined) return known
    let best = 0
    for (let i = 1; i < palette.length; i++)
      if (distance(palette[i]!, colour) < distance(palette[best]!, colour)) best = i
    indexOf.set(colour, best)
    return best
  }
  const rows = Buffer.alloc((width + 1) * height) // the first byte of each: not filtered
  for (let i = 0; i < pixels.length; i++) rows[i + 1 + Math.floor(i / width)] = nearest(pixels[i]!)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3], 8) // 8 bits, indexed
  const colours = Buffer.from(palette.flatMap((one) => [one >> 16, (one >> 8) & 255, one & 255]))
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The most frequent colour of each of the 256 most frequent groups of like colours. */
const paletteOf = (pixels: Uint32Array): number[] => {
  const counts = new Map<number, number>()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const groups = new Map<number, { count: number; colour: number }>()
  for (const [colour, count] of counts) {
    const group = groups.get(colour & 0xf8f8f8)
    if (!group) groups.set(colour & 0xf8f8f8, { count, colour })
    else {
      if (count > counts.get(group.colour)!) group.colour = colour
      group.count += count
    }
  }
  return [...groups.values()]
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 256)
    .map(({ colour }) => colour)
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

const distance = (a: number, b: number): number =>
  ((a >> 16) - (b >> 16)) ** 2 +
  (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 +
  ((a & 255) - (b & 255)) ** 2

const chunk = (type: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(type), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([size, named, sum])
}

const decode = (png: Buffer): { width: number; height: number; pixels: Uint32Array } => {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const channels = png[25] === 6 ? 4 : 3
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const pixels = new Uint32Array(width * height)
  let above = new Uint8Array(stride)
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1)
    const row = new Uint8Array(stride)
    for (let x = 0; x < stride; x++) {
      const [a, b, c] = [row[x - channels] ?? 0, above[x]!, above[x - channels] ?? 0]
      row[x] = raw[from + 1 + x]! + predicted(raw[from]!, a, b, c)
    }
    for (let x = 0; x < width; x++)
      pixels[y * width + x] =
        (row[x * channels]! << 16) | (row[x * channels + 1]! << 8) | row[x * channels + 2]!
    above = row
  }
  return { width, height, pixels }
}

/** What a filter adds (PNG Section 9.2): `a` is to the left, `b` above, `c` above to the left. */
const predicted = (filter: number, a: number, b: number, c: number): number => {
  if (filter === 1) return a
  if (filter === 2) return b
  if (filter === 3) return (a + b) >> 1
  if (filter !== 4) return 0
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}
