import type { CommandIo } from './command.js'
import { writeOut } from './standard-output.js'
import type { Canvas } from './top-text.js'

/** What frames are shown on. */
export interface Screen {
  canvas(): Canvas
  show(lines: readonly string[]): Promise<void>
  /** Leaves a terminal as it was. Can be called twice. */
  leave(): void
}

/** The whole terminal, where there is one; otherwise frames stand one behind the other. */
export const openScreen = ({ stdout, env }: CommandIo): Screen =>
  stdout.isTTY && env['TERM'] !== 'dumb' ? openTerminal(stdout, !env['NO_COLOR']) : plain(stdout)

type Output = CommandIo['stdout']

const openTerminal = (stdout: Output, isColoured: boolean): Screen => {
  let isOpen = true
  const canvas = (): Canvas => {
    const { columns = 0, rows = 0 } = stdout // some say 0, too
    return { columns: columns || COLUMNS, rows: rows || ROWS, isColoured }
  }
  stdout.write(ENTER)
  return {
    canvas,
    show: async (lines) => {
      const { columns, rows } = canvas()
      const blank = ' '.repeat(columns)
      const whole = Array.from({ length: rows }, (_, i) => lines[i] ?? blank)
      // Each cell is written anew and none erased, all at once: nothing flickers.
      await writeOut(stdout, BEGIN + whole.join('\r\n') + END)
    },
    leave: () => {
      if (isOpen) stdout.write(LEAVE)
      isOpen = false
    },
  }
}

const plain = (stdout: Output): Screen => ({
  canvas: () => ({ columns: COLUMNS, rows: ROWS, isColoured: false }),
  show: (lines) => writeOut(stdout, [...lines.map((line) => line.trimEnd()), '', ''].join('\n')),
  leave: () => {},
})

// Where the terminal does not say.
const COLUMNS = 80
const ROWS = 24

// Private modes of xterm: 1049 the other screen, 25 the cursor, 2026 whatever comes is shown at once.
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const BEGIN = '\u001b[?2026h\u001b[H'
const END = '\u001b[?2026l'
