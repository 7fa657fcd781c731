/** Names that only the gateway may give to the service behind, in their canonical form. */
export const isReserved = (canonical: string): boolean =>
  canonical.startsWith('x-p') &&
  (canonical.startsWith('x-passport') || canonical === 'x-proxy-state')
