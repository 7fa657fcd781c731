import { randomBytes } from 'node:crypto'

/** A fresh `jti`: a UUID of version 7 (RFC 9562 Section 5.7) that begins with `issuedAtMs`. */
export const createTokenId = (issuedAtMs: number): string => {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(issuedAtMs, 0, 6)
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
