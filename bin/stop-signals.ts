interface Stopping {
  /** Finishes what is in flight. */
  stop: () => Promise<void>
  /** Ends what would outlive this process. */
  kill: () => void
}

/** Ends the process once all is over when it is told to, or at once when it is interrupted twice. */
export const onStop = ({ stop, kill }: Stopping): void => {
  const end = async (): Promise<void> => {
    await stop()
    process.exit()
  }
  process.on('SIGTERM', () => void end())
  process.once('SIGINT', () => {
    // Whoever asks twice will not wait.
    process.once('SIGINT', () => {
      kill()
      process.exit(EXIT_INTERRUPTED)
    })
    void end()
  })
}

const EXIT_INTERRUPTED = 130 // 128 and the number of SIGINT
