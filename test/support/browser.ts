// A real Chromium: $CHROMIUM, or the one inside the npm package @sparticuz/chromium.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright-core'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const UNPACKED = join(CACHE, 'chromium-147.0.0')

/** Starts a browser, headless; whoever asked for it closes it. */
export const launchBrowser = async (): Promise<Browser> => {
  const own = process.env['CHROMIUM']
  return chromium.launch({
    executablePath: own ?? (await unpacked()),
    ...(own === undefined && { env: { ...process.env, ...SURROUNDINGS } }),
    args: [
      '--no-sandbox', // as root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--font-render-hinting=none',
    ],
  })
}

/** Libraries and fonts, as far as the machine may have none. */
const SURROUNDINGS = {
  LD_LIBRARY_PATH: join(UNPACKED, 'al2023/lib'),
  FONTCONFIG_PATH: join(UNPACKED, 'fonts'),
}

/** The path of the packed browser; it is unpacked once, whole or not at all, whoever else does it too. */
const unpacked = async (): Promise<string> => {
  const executable = join(UNPACKED, 'chromium')
  if (existsSync(executable)) return executable
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'unpacking-'))
  const before = {
    TMPDIR: process.env['TMPDIR'],
    AWS_EXECUTION_ENV: process.env['AWS_EXECUTION_ENV'],
  }
  process.env['TMPDIR'] = folder
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs20.x' // also the libraries
  const packed = (await import('@sparticuz/chromium')).default
  await packed.executablePath()
  for (const [name, value] of Object.entries(before))
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  writeFileSync(join(folder, 'fonts/fonts.conf'), FONTS)
  try {
    renameSync(folder, UNPACKED)
  } catch {
    rmSync(folder, { recursive: true }) // another process was sooner
  }
  return executable
}

// What the machine has comes after what the package brings, so that texts look alike everywhere.
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir prefix="relative">fonts</dir><dir>/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir>
<alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>`
